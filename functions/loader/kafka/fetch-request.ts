import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { RawRequest, VersionRange } from '#shared/kafka/kafkajs-inside.ts';
import { WireWriter } from '#shared/kafka/wire.ts';

const FETCH = 1;
/** The last version that names topics and has no tagged fields; Kafka 3.x and 4.x speak it, and it knows racks (KIP-392). */
const BY_NAME = 11;
/** The first that takes topics by their ids (KIP-516; Kafka 3.1 and later). */
const BY_ID = 13;
const CONSUMER = -1;
const NO_SESSION = 0;
/** Asks for a full fetch without a session (KIP-227): every request says all that it wants. */
const SESSIONLESS_EPOCH = -1;
const UNKNOWN = -1;

/** What is wanted of one partition. */
interface FetchPartition {
  readonly partition: number;
  readonly offset: bigint;
  /**
   * Of the leader that is meant, or -1: a broker that knows of a newer one, or not yet of this one, refuses (KIP-320).
   */
  readonly leaderEpoch: number;
  /** Of the leader that wrote the record before `offset`, or -1: by the topic's id, a broker tells when its log has another there. */
  readonly lastEpoch: number;
  /** Bytes; the broker returns the first batch of an answer whole, however large (KIP-74). */
  readonly maxBytes: number;
}

/** One Fetch. */
export interface FetchOptions {
  readonly topic: string;
  /** 32 hexadecimal digits; absent where it is not known. */
  readonly topicId?: string | undefined;
  /** In the order in which they may fill the answer. */
  readonly partitions: readonly FetchPartition[];
  readonly isolation: KafkaSource['isolation'];
  /** ms that the broker may wait for `minBytes`. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** Bytes of the whole answer. */
  readonly maxBytes: number;
  /** Where the reader stands; the empty string keeps the broker from naming a closer replica. */
  readonly rackId: string;
}

/**
 * A Fetch, as https://kafka.apache.org/protocol#The_Messages_Fetch lays it out. By the topic's id where that is
 * known and the broker takes it: then a topic that was created again under the same name is not read. Else by name.
 */
export function fetchRequest(
  options: FetchOptions,
  versions: ReadonlyMap<number, VersionRange>,
): RawRequest {
  const spoken = versions.get(FETCH);
  const takesIds = spoken !== undefined && spoken.min <= BY_ID && BY_ID <= spoken.max;
  if (options.topicId !== undefined && takesIds) {
    const body = bodyById(options, Buffer.from(options.topicId, 'hex'));
    return { apiKey: FETCH, apiVersion: BY_ID, apiName: 'Fetch', body, flexible: true };
  }
  return { apiKey: FETCH, apiVersion: BY_NAME, apiName: 'Fetch', body: bodyByName(options) };
}

function bodyByName(options: FetchOptions): Buffer {
  const writer = beginning(options).int32(1).string(options.topic).int32(options.partitions.length);
  for (const { partition, offset, leaderEpoch, maxBytes } of options.partitions) {
    writer.int32(partition).int32(leaderEpoch).int64(offset);
    writer.int64(BigInt(UNKNOWN)).int32(maxBytes);
  }
  const nothingForgotten = 0;
  return writer.int32(nothingForgotten).string(options.rackId).finish();
}

/** Lengths of compact arrays are written as one more. */
function bodyById(options: FetchOptions, topicId: Buffer): Buffer {
  const { partitions } = options;
  const writer = beginning(options)
    .uvarint(2)
    .bytes(topicId)
    .uvarint(partitions.length + 1);
  for (const { partition, offset, leaderEpoch, lastEpoch, maxBytes } of partitions) {
    writer.int32(partition).int32(leaderEpoch).int64(offset).int32(lastEpoch);
    writer.int64(BigInt(UNKNOWN)).int32(maxBytes).noTags();
  }
  const nothingForgotten = 1;
  writer.noTags().uvarint(nothingForgotten).compactString(options.rackId);
  return writer.noTags().finish();
}

function beginning(options: FetchOptions): WireWriter {
  return new WireWriter()
    .int32(CONSUMER)
    .int32(options.maxWaitMs)
    .int32(options.minBytes)
    .int32(options.maxBytes)
    .int8(options.isolation === 'read_committed' ? 1 : 0)
    .int32(NO_SESSION)
    .int32(SESSIONLESS_EPOCH);
}

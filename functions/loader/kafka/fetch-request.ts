import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { RawRequest, VersionRange } from '#shared/kafka/kafkajs-inside.ts';
import { WireWriter } from '#shared/kafka/wire.ts';

const FETCH = 1;
/** Versions of Fetch, of which the last that a broker knows is spoken. */
export const FETCH_VERSIONS = {
  /** The last that has no tagged fields; it knows racks (KIP-392). */
  plain: 11,
  /** The first that is told the epoch of the record before (KIP-595; Kafka 2.7 and later), and the last that names topics. */
  byName: 12,
  /** The first that takes topics by their ids (KIP-516; Kafka 3.1 and later). */
  byId: 13,
} as const;
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
  /** Of the leader that wrote the record before `offset`, or -1: from version 12 on, a broker tells when its log has another there. */
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
  const { min, max } = versions.get(FETCH) ?? { min: 0, max: 0 };
  const takes = (version: number) => min <= version && version <= max;
  const { plain, byName, byId } = FETCH_VERSIONS;
  const shared = { apiKey: FETCH, apiName: 'Fetch' };
  if (options.topicId !== undefined && takes(byId)) {
    return { ...shared, apiVersion: byId, body: compactBody(options), flexible: true };
  }
  if (takes(byName)) {
    const body = compactBody({ ...options, topicId: undefined });
    return { ...shared, apiVersion: byName, body, flexible: true };
  }
  return { ...shared, apiVersion: plain, body: plainBody(options) };
}

function plainBody(options: FetchOptions): Buffer {
  const writer = beginning(options).int32(1).string(options.topic).int32(options.partitions.length);
  for (const { partition, offset, leaderEpoch, maxBytes } of options.partitions) {
    writer.int32(partition).int32(leaderEpoch).int64(offset);
    writer.int64(BigInt(UNKNOWN)).int32(maxBytes);
  }
  const nothingForgotten = 0;
  return writer.int32(nothingForgotten).string(options.rackId).finish();
}

/** Lengths of compact arrays are written as one more. */
function compactBody(options: FetchOptions): Buffer {
  const { partitions, topic, topicId } = options;
  const writer = beginning(options).uvarint(2);
  if (topicId === undefined) writer.compactString(topic);
  else writer.bytes(Buffer.from(topicId, 'hex'));
  writer.uvarint(partitions.length + 1);
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

import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { RawRequest } from '#shared/kafka/kafkajs-inside.ts';
import { WireWriter } from '#shared/kafka/wire.ts';

const FETCH = 1;
/** The last version that names topics and has no tagged fields; Kafka 3.x and 4.x speak it, and it knows racks (KIP-392). */
const VERSION = 11;
const CONSUMER = -1;
const NO_SESSION = 0;
/** Asks for a full fetch without a session (KIP-227): every request says all that it wants. */
const SESSIONLESS_EPOCH = -1;
const UNKNOWN = -1;
const NOTHING_FORGOTTEN = 0;

/** What is wanted of one partition. */
interface FetchPartition {
  readonly partition: number;
  readonly offset: bigint;
  /** Bytes; the broker returns the first batch of an answer whole, however large (KIP-74). */
  readonly maxBytes: number;
}

/** One Fetch. */
export interface FetchOptions {
  readonly topic: string;
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

/** Fetch version 11, as https://kafka.apache.org/protocol#The_Messages_Fetch lays it out. */
export function fetchRequest(options: FetchOptions): RawRequest {
  const writer = new WireWriter()
    .int32(CONSUMER)
    .int32(options.maxWaitMs)
    .int32(options.minBytes)
    .int32(options.maxBytes)
    .int8(options.isolation === 'read_committed' ? 1 : 0)
    .int32(NO_SESSION)
    .int32(SESSIONLESS_EPOCH)
    .int32(1)
    .string(options.topic)
    .int32(options.partitions.length);
  for (const { partition, offset, maxBytes } of options.partitions) {
    writer.int32(partition).int32(UNKNOWN).int64(offset).int64(BigInt(UNKNOWN)).int32(maxBytes);
  }
  const body = writer.int32(NOTHING_FORGOTTEN).string(options.rackId).finish();
  return { apiKey: FETCH, apiVersion: VERSION, apiName: 'Fetch', body };
}

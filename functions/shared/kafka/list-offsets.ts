import type { KafkaSource } from '../domain/job-spec.ts';
import type { OffsetQuery } from './cluster.ts';
import type { RawRequest } from './kafkajs-inside.ts';
import { WireReader, WireWriter } from './wire.ts';

/**
 * Kafka's ListOffsets request in version 2, the first with an isolation level, which brokers from 0.11 to
 * 4.x speak. Layout: ListOffsetsRequest.json and ListOffsetsResponse.json of Apache Kafka.
 */

const LIST_OFFSETS = 2;
const VERSION = 2;
const NO_REPLICA = -1;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const LATEST = -1n;
const EARLIEST = -2n;

export interface OffsetsQuestion {
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly at: OffsetQuery;
  readonly isolation: KafkaSource['isolation'];
}

/** One partition's answer; `offset` is undefined when no record is as late as the time that was asked for. */
export interface OffsetAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: bigint | undefined;
}

/** Asks the leader of these partitions for their offsets at a position. */
export function listOffsetsRequest(question: OffsetsQuestion): RawRequest {
  const { topic, partitions, at, isolation } = question;
  const timestamp =
    at === 'earliest' ? EARLIEST : at === 'latest' ? LATEST : BigInt(at.timestampMs);
  const body = new WireWriter()
    .int32(NO_REPLICA)
    .int8(isolation === 'read_committed' ? READ_COMMITTED : READ_UNCOMMITTED)
    .int32(1)
    .string(topic)
    .int32(partitions.length);
  for (const partition of partitions) body.int32(partition).int64(timestamp);
  return {
    apiKey: LIST_OFFSETS,
    apiVersion: VERSION,
    apiName: 'ListOffsets',
    body: body.finish(),
  };
}

/** Reads the answer. */
export function readOffsets(answer: Buffer): OffsetAnswer[] {
  const reader = new WireReader(answer);
  reader.int32(); // throttle time: the broker enforces it by itself
  return reader
    .array(() => {
      reader.string(); // the one topic
      return reader.array(() => {
        const partition = reader.int32();
        const errorCode = reader.int16();
        reader.int64(); // the record's timestamp
        const offset = reader.int64();
        return { partition, errorCode, offset: offset < 0n ? undefined : offset };
      });
    })
    .flat();
}

import { WireReader } from '#shared/kafka/wire.ts';

/** A transaction that was aborted: its batches from `firstOffset` to its abort marker do not count. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** One partition's part of an answer. Offsets are -1 where the broker does not know. */
export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly aborted: readonly AbortedTransaction[];
  /** The node to ask instead, or -1. */
  readonly preferredReadReplica: number;
  /** Record batches, the last perhaps cut off: a view into the answer, nothing is copied. */
  readonly records: Buffer;
}

/** An answer to Fetch version 11. */
export interface FetchAnswer {
  /** ms for which the broker asks to be left alone (KIP-219). */
  readonly throttleMs: number;
  readonly errorCode: number;
  /** Empty when the broker throttles. */
  readonly partitions: readonly FetchedPartition[];
}

/**
 * Reads the answer to a request for one topic.
 *
 * @throws {LoadFailure} KAFKA_ERROR when the answer ends too early
 */
export function fetchAnswer(body: Buffer): FetchAnswer {
  const reader = new WireReader(body);
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  reader.int32();
  const topics = reader.array(() => {
    reader.string();
    return reader.array(() => fetchedPartition(reader, body));
  });
  return { throttleMs, errorCode, partitions: topics.flat() };
}

function fetchedPartition(reader: WireReader, body: Buffer): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const aborted = reader.array(() => ({
    producerId: reader.int64(),
    firstOffset: reader.int64(),
  }));
  const preferredReadReplica = reader.int32();
  const length = Math.max(0, reader.int32());
  const start = reader.skip(length);
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    aborted,
    preferredReadReplica,
    records: body.subarray(start, start + length),
  };
}

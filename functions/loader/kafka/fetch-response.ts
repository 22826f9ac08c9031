import type { RawRequest } from '#shared/kafka/kafkajs-inside.ts';
import { WireReader } from '#shared/kafka/wire.ts';
import { FETCH_VERSIONS } from './fetch-request.ts';

/** The tag of a partition's `diverging_epoch`. */
const DIVERGING_EPOCH = 0;

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
  /**
   * Where the log parts from the one that was read before (KIP-320, and KIP-595 for its place in this answer): no
   * records come then. Absent where it does not.
   */
  readonly divergesAt?: bigint | undefined;
  /** Record batches, the last perhaps cut off: a view into the answer, nothing is copied. */
  readonly records: Buffer;
}

/** An answer to Fetch. */
export interface FetchAnswer {
  /** ms for which the broker asks to be left alone (KIP-219). */
  readonly throttleMs: number;
  readonly errorCode: number;
  /** Empty when the broker throttles. */
  readonly partitions: readonly FetchedPartition[];
}

/**
 * Reads the answer to a request for one topic, whichever it was.
 *
 * @throws {LoadFailure} KAFKA_ERROR when the answer ends too early
 */
export function fetchAnswer(
  body: Buffer,
  { apiVersion }: Pick<RawRequest, 'apiVersion'>,
): FetchAnswer {
  const reader = new WireReader(body);
  const isPlain = apiVersion === FETCH_VERSIONS.plain;
  const wire = isPlain ? plainWire(reader) : compactWire(reader, apiVersion);
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  reader.int32(); // session
  const topics = wire.array(() => {
    wire.topic();
    const partitions = wire.array(() => fetchedPartition(reader, wire, body));
    wire.tags();
    return partitions;
  });
  return { throttleMs, errorCode, partitions: topics.flat() };
}

function fetchedPartition(reader: WireReader, wire: Wire, body: Buffer): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const aborted = wire.array(() => {
    const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
    wire.tags();
    return transaction;
  });
  const preferredReadReplica = reader.int32();
  const length = Math.max(0, wire.length());
  const start = reader.skip(length);
  const tagged: { divergesAt?: bigint } = {};
  wire.tags((tag) => {
    if (tag !== DIVERGING_EPOCH) return;
    reader.int32(); // the last epoch that both have
    tagged.divergesAt = reader.int64();
  });
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    aborted,
    preferredReadReplica,
    ...tagged,
    records: body.subarray(start, start + length),
  };
}

/** Where the versions differ. */
interface Wire {
  array<T>(element: () => T): T[];
  topic(): void;
  /** Of bytes; below 0 for null. */
  length(): number;
  tags(take?: (tag: number) => void): void;
}

function compactWire(reader: WireReader, apiVersion: number): Wire {
  const isById = apiVersion === FETCH_VERSIONS.byId;
  return {
    array: (element) => reader.compactArray(element),
    topic: () => void (isById ? reader.uuid() : reader.compactString()),
    length: () => reader.uvarint() - 1,
    tags: (take) => reader.tags(take),
  };
}

function plainWire(reader: WireReader): Wire {
  return {
    array: (element) => reader.array(element),
    topic: () => void reader.string(),
    length: () => reader.int32(),
    tags: () => {},
  };
}

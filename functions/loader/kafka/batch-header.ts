import { CODECS, type Codec } from './codecs.ts';

/**
 * The header of a record batch of magic 2: https://kafka.apache.org/documentation/#recordbatch
 * What stands in front of the checksum (base offset, length, leader epoch, magic) is not covered by it.
 */

const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;

/** Bytes of base offset and length, which the length does not count. */
const LENGTH_OVERHEAD = 12;
const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** The record batch format that this reader understands: since Kafka 0.11. */
export const MAGIC = 2;

/** Where a batch lies, before anything in it is believed. */
export interface BatchFrame {
  readonly start: number;
  /** May lie beyond the bytes at hand: then the batch is cut off. */
  readonly end: number;
  readonly magic: number;
}

/** What the header says. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  /** The offset after the batch's last, which compaction preserves when it removes records. */
  readonly nextOffset: bigint;
  /** `undefined` for a number that Kafka has not given out yet. */
  readonly codec: Codec | undefined;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly isLogAppendTime: boolean;
  /** Epoch ms, and -1 when there is none. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
  readonly count: number;
  /** Where the records begin in the buffer. */
  readonly recordsStart: number;
}

/** The frame of the batch at `start`, or `undefined` when not even that is at hand. */
export function batchFrame(buffer: Buffer, start: number): BatchFrame | undefined {
  if (buffer.length < start + MAGIC_AT + 1) return undefined;
  const end = start + LENGTH_OVERHEAD + buffer.readInt32BE(start + LENGTH_AT);
  return { start, end, magic: buffer.readInt8(start + MAGIC_AT) };
}

/** Whether the frame has room for a header: a shorter one is damaged. */
export function holdsHeader({ start, end }: BatchFrame): boolean {
  return end - start >= RECORDS_AT;
}

/** The offset after the batch, without looking at the rest. */
export function nextOffsetOf(buffer: Buffer, { start }: BatchFrame): bigint {
  const delta = buffer.readInt32BE(start + LAST_OFFSET_DELTA_AT);
  return baseOffsetOf(buffer, { start }) + BigInt(delta) + 1n;
}

/**
 * The epoch of the leader that wrote the record before `position`, by the first batch that ends there or behind it; -1
 * when the batch begins no earlier. Then compaction has removed that record, and with it, perhaps, an epoch: one that
 * is older would make a sound log look truncated.
 */
export function epochBefore(buffer: Buffer, frame: BatchFrame, position: bigint): number {
  return baseOffsetOf(buffer, frame) < position ? leaderEpochOf(buffer, frame) : -1;
}

/** Counts the leaders of the partition up to the one that wrote the batch; -1 when it is not known. */
function leaderEpochOf(buffer: Buffer, { start }: BatchFrame): number {
  return buffer.readInt32BE(start + LEADER_EPOCH_AT);
}

/** The offset of the batch's first record when it was written. */
export function baseOffsetOf(buffer: Buffer, { start }: Pick<BatchFrame, 'start'>): bigint {
  return buffer.readBigInt64BE(start);
}

/** The checksum (CRC32C) that the header states, and the bytes that it covers. */
export function checksumOf(
  buffer: Buffer,
  { start, end }: BatchFrame,
): { stated: number; covered: Buffer } {
  return {
    stated: buffer.readUInt32BE(start + CRC_AT),
    covered: buffer.subarray(start + ATTRIBUTES_AT, end),
  };
}

/** Reads the header of a batch of magic 2 that is whole. */
export function batchHeader(buffer: Buffer, frame: BatchFrame): BatchHeader {
  const { start } = frame;
  const attributes = buffer.readInt16BE(start + ATTRIBUTES_AT);
  return {
    baseOffset: baseOffsetOf(buffer, frame),
    nextOffset: nextOffsetOf(buffer, frame),
    codec: CODECS[attributes & CODEC_MASK],
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    isLogAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
    baseTimestamp: Number(buffer.readBigInt64BE(start + BASE_TIMESTAMP_AT)),
    maxTimestamp: Number(buffer.readBigInt64BE(start + MAX_TIMESTAMP_AT)),
    producerId: buffer.readBigInt64BE(start + PRODUCER_ID_AT),
    count: buffer.readInt32BE(start + COUNT_AT),
    recordsStart: start + RECORDS_AT,
  };
}

import type { RecordView } from '../records.ts';

/** Where the records of one batch lie, and what their deltas are relative to. */
export interface RecordsOfBatch {
  /** Decompressed. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly partition: number;
  readonly baseOffset: bigint;
  readonly baseTimestamp: number;
  /** Epoch ms for all records where the broker stamps them (LogAppendTime). */
  readonly stampedAt: number | undefined;
}

const NOTHING = Buffer.alloc(0);

/** The last number below 2^63: whoever reads times as 64-bit integers, as a destination's column does, can read it. */
const LATEST = 2 ** 63 - 1_024;

/** A record does not lie within its batch, although the batch's checksum is right: its writer was wrong. */
export class MalformedRecordError extends Error {
  override readonly name = 'MalformedRecordError';
}

/**
 * Walks over the records of a batch, and is itself the view of the record where it stands: nothing is
 * allocated for a record. Record layout: https://kafka.apache.org/documentation/#record
 */
export class RecordCursor implements RecordView {
  buffer: Buffer = NOTHING;
  partition = -1;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  headersStart = 0;
  headersEnd = 0;
  headersCount = 0;
  /** The record's offset relative to the batch's first. */
  offsetDelta = 0;
  #baseOffset = 0n;
  #baseTimestamp = 0;
  #timestampDelta = 0;
  #stampedAt: number | undefined;
  #at = 0;
  #end = 0;

  get offset(): bigint {
    return this.#baseOffset + BigInt(this.offsetDelta);
  }

  get timestamp(): number {
    return Math.min(this.#stampedAt ?? this.#baseTimestamp + this.#timestampDelta, LATEST);
  }

  /** Moves in front of the first record. */
  open(batch: RecordsOfBatch): void {
    this.buffer = batch.buffer;
    this.partition = batch.partition;
    this.#baseOffset = batch.baseOffset;
    this.#baseTimestamp = batch.baseTimestamp;
    this.#stampedAt = batch.stampedAt;
    this.#at = batch.start;
    this.#end = batch.end;
  }

  /** Lets go of the batch's memory. */
  close(): void {
    this.buffer = NOTHING;
  }

  /**
   * Moves to the next record; the caller knows how many there are.
   *
   * @throws {MalformedRecordError}
   */
  advance(): void {
    const length = this.#varint();
    const end = this.#at + length;
    // Also refuses NaN, which reading past the buffer gives.
    if (!(length > 0 && end <= this.#end)) throw malformed('length');
    this.#at += 1;
    this.#timestampDelta = this.#varlong();
    this.offsetDelta = this.#varint();
    const keyLength = this.#varint();
    this.keyStart = keyLength < 0 ? -1 : this.#at;
    if (keyLength > 0) this.#at += keyLength;
    this.keyEnd = keyLength < 0 ? -1 : this.#at;
    const valueLength = this.#varint();
    this.valueStart = valueLength < 0 ? -1 : this.#at;
    if (valueLength > 0) this.#at += valueLength;
    this.valueEnd = valueLength < 0 ? -1 : this.#at;
    this.headersCount = this.#varint();
    this.headersStart = this.#at;
    this.headersEnd = end;
    if (!(this.#at <= end)) throw malformed('fields');
    this.#at = end;
  }

  /** A zigzag varint of 32 bits. */
  #varint(): number {
    const { buffer } = this;
    let byte = buffer[this.#at++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = buffer[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 35);
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag varint of 64 bits. Times beyond 2^53 ms would lose precision; no clock shows them. */
  #varlong(): number {
    const start = this.#at;
    const { buffer } = this;
    let at = start;
    while ((buffer[at] as number) >= 0x80) at += 1;
    // Five bytes may hold more than the 32 bits of the fast path.
    if (at - start < 4) return this.#varint();
    let value = 0n;
    for (let i = start; i <= at; i += 1) {
      value |= BigInt((buffer[i] as number) & 0x7f) << BigInt(7 * (i - start));
    }
    this.#at = at + 1;
    return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
  }
}

function malformed(what: string): MalformedRecordError {
  return new MalformedRecordError(`the ${what} of a record must lie within its batch`);
}

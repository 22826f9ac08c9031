import { LoadFailure } from '#shared/domain/failure.ts';
import type { RecordView } from '../records.ts';
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET } from './bytes.ts';
import { appendJsonBytes } from './json-text.ts';
import type { RowBuffer } from './row-buffer.ts';

const NULL = Buffer.from('null');

/** A varint of 32 bits has at most this many bytes. */
const LONGEST_VARINT = 5;

/**
 * Appends a record's headers as a JSON array of `[name, value]` pairs, in their order, repeated names
 * included. Names and values that are not UTF-8 are written as `base64:` and their base64; null is null.
 *
 * @throws {LoadFailure} CORRUPT_BATCH when the headers do not end where the record says
 */
export function appendHeaders(out: RowBuffer, record: RecordView): void {
  const cursor = new HeaderCursor(record);
  out.byte(OPEN_BRACKET);
  for (let i = 0; i < record.headersCount; i += 1) {
    if (i > 0) out.byte(COMMA);
    out.byte(OPEN_BRACKET);
    appendPart(out, cursor);
    out.byte(COMMA);
    appendPart(out, cursor);
    out.byte(CLOSE_BRACKET);
  }
  out.byte(CLOSE_BRACKET);
}

/** A header's name and value; null where there are no bytes, not even none. */
export type HeaderPair = readonly [name: Buffer | null, value: Buffer | null];

/**
 * The headers of a record, in their order, as views of its buffer.
 *
 * @throws {LoadFailure} CORRUPT_BATCH when the headers do not end where the record says
 */
export function* recordHeaders(record: RecordView): Generator<HeaderPair> {
  const cursor = new HeaderCursor(record);
  const part = () => (cursor.next() ? cursor.buffer.subarray(cursor.start, cursor.end) : null);
  for (let i = 0; i < record.headersCount; i += 1) yield [part(), part()];
}

/** Headers as a record holds them behind their count: each part a zigzag varint length (-1: null) and its bytes. */
export function headerBytes(headers: readonly HeaderPair[]): Buffer {
  return Buffer.concat(
    headers.flat().flatMap((part) => (part === null ? [varint(-1)] : [varint(part.length), part])),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function appendPart(out: RowBuffer, cursor: HeaderCursor): void {
  if (cursor.next()) appendJsonBytes(out, cursor.buffer, cursor.start, cursor.end);
  else out.all(NULL);
}

/** Walks over the names and values, each a zigzag varint length (-1: null) and its bytes (KIP-82). */
class HeaderCursor {
  readonly buffer: Buffer;
  start = 0;
  end: number;
  readonly #record: RecordView;

  constructor(record: RecordView) {
    this.#record = record;
    this.buffer = record.buffer;
    this.end = record.headersStart;
  }

  /** @returns false for null, else the part is `[start, end)` */
  next(): boolean {
    const length = this.#varint();
    this.start = this.end;
    if (length < 0) return false;
    if (length > this.#record.headersEnd - this.start) throw this.#corrupt();
    this.end = this.start + length;
    return true;
  }

  #varint(): number {
    let value = 0;
    for (let i = 0; i < LONGEST_VARINT && this.end < this.#record.headersEnd; i += 1) {
      const byte = this.buffer[this.end] as number;
      this.end += 1;
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw this.#corrupt();
  }

  #corrupt(): LoadFailure {
    const { partition, offset } = this.#record;
    return new LoadFailure(
      'CORRUPT_BATCH',
      `headers of the record at partition ${partition}, offset ${offset} do not end within the record`,
      { facts: { partition, offset: String(offset) } },
    );
  }
}

import { LoadFailure } from '#shared/domain/failure.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';

/**
 * Copying values of Thrift's compact protocol, some of their numbers changed. The footers of Parquet files are such
 * values: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

/** What a type is on the wire. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;
const UUID = 13;

/** What becomes of a value: a number's new value; for a struct that of its fields, for a list that of its elements. */
export type Change = ((value: bigint) => bigint) | ChangedFields;

/** By the fields' numbers. */
export interface ChangedFields {
  readonly [field: number]: Change;
}

/** A place in bytes, moved on by what is read there. */
export class ThriftCopy {
  readonly #from: Buffer;
  at = 0;

  constructor(from: Buffer) {
    this.#from = from;
  }

  /**
   * Moves on behind the header of a struct's next field.
   *
   * @param last the number of the field before, 0 for the first
   * @returns undefined behind the struct's last field
   */
  field(last: number): { readonly id: number; readonly type: number } | undefined {
    const byte = this.#byte();
    if (byte === 0) return undefined;
    const delta = byte >> 4;
    return { id: delta === 0 ? Number(this.integer()) : last + delta, type: byte & 0x0f };
  }

  /** Moves on behind the header of a list. */
  list(): { readonly size: number; readonly type: number } {
    const byte = this.#byte();
    const short = byte >> 4;
    return { size: short === 15 ? Number(this.#varint()) : short, type: byte & 0x0f };
  }

  integer(): bigint {
    const zigzag = this.#varint();
    return (zigzag >> 1n) ^ -(zigzag & 1n);
  }

  /** Copies a value, and changes it. */
  copy(type: number, out: RowBuffer, change?: Change): void {
    if (typeof change === 'function') {
      writeInteger(out, change(this.integer()));
    } else if (change === undefined) {
      const start = this.at;
      this.skip(type);
      out.copy(this.#from, start, this.at);
    } else if (type === LIST) {
      this.#copyElements(out, change);
    } else {
      this.#copyFields(out, change);
    }
  }

  #copyElements(out: RowBuffer, change: ChangedFields): void {
    const start = this.at;
    const { size, type } = this.list();
    out.copy(this.#from, start, this.at);
    for (let i = 0; i < size; i += 1) this.copy(type, out, change);
  }

  #copyFields(out: RowBuffer, changes: ChangedFields): void {
    for (let last = 0; ; ) {
      const start = this.at;
      const field = this.field(last);
      out.copy(this.#from, start, this.at);
      if (field === undefined) return;
      this.copy(field.type, out, changes[field.id]);
      last = field.id;
    }
  }

  /** Moves on behind a value. */
  skip(type: number): void {
    switch (type) {
      case TRUE:
      case FALSE:
        return;
      case BYTE:
        this.at += 1;
        return;
      case I16:
      case I32:
      case I64:
        this.#varint();
        return;
      case DOUBLE:
        this.at += 8;
        return;
      case BINARY: {
        const length = this.#varint();
        this.at += Number(length);
        return;
      }
      case LIST:
      case SET:
        this.#skipElements();
        return;
      case MAP:
        this.#skipEntries();
        return;
      case STRUCT:
        for (let field = this.field(0); field; field = this.field(field.id)) this.skip(field.type);
        return;
      case UUID:
        this.at += 16;
        return;
      default:
        throw new LoadFailure('INTERNAL', `thrift type must be 1-13, got ${type}`);
    }
  }

  #skipElements(): void {
    const { size, type } = this.list();
    for (let i = 0; i < size; i += 1) this.#skipElement(type);
  }

  #skipEntries(): void {
    const size = Number(this.#varint());
    if (size === 0) return;
    const types = this.#byte();
    for (let i = 0; i < size; i += 1) {
      this.#skipElement(types >> 4);
      this.#skipElement(types & 0x0f);
    }
  }

  /** Within collections a truth value has a byte of its own. */
  #skipElement(type: number): void {
    if (type === TRUE || type === FALSE) this.at += 1;
    else this.skip(type);
  }

  #byte(): number {
    const byte = this.#from[this.at];
    if (byte === undefined) throw new LoadFailure('INTERNAL', 'thrift value ends too early');
    this.at += 1;
    return byte;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

/** Appends an integer of any size. */
export function writeInteger(out: RowBuffer, value: bigint): void {
  writeVarint(out, value < 0n ? -2n * value - 1n : 2n * value);
}

/** Appends the header of a list of structs. */
export function writeStructList(out: RowBuffer, size: number): void {
  if (size < 15) {
    out.byte((size << 4) | STRUCT);
    return;
  }
  out.byte(0xf0 | STRUCT);
  writeVarint(out, BigInt(size));
}

function writeVarint(out: RowBuffer, value: bigint): void {
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) out.byte(Number(rest & 0x7fn) | 0x80);
  out.byte(Number(rest));
}

import { UndecodableValue } from '../undecodable.ts';

/** Bits of a varint that 32-bit arithmetic holds, and that a double holds exactly, in bytes of 7. */
const SMALL_BYTES = 4;
const SAFE_BYTES = 7;
const LONGEST_BYTES = 10;

const INT_MAX = 2_147_483_647;

/** Reads the pieces that Avro's binary encoding is made of. Never reads behind its end. */
export class AvroCursor {
  bytes: Buffer;
  at: number;
  readonly end: number;
  /** Records within each other. */
  depth = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Moves on by `count` bytes. @returns where they begin. @throws {UndecodableValue} */
  skip(count: number): number {
    if (count < 0 || count > this.end - this.at) {
      throw new UndecodableValue('the value ends too early for its schema');
    }
    const start = this.at;
    this.at += count;
    return start;
  }

  byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  /** A zigzag varint of 64 bits: a number where that is exact. @throws {UndecodableValue} */
  long(): number | bigint {
    let low = 0;
    for (let i = 0; i < SMALL_BYTES; i += 1) {
      const byte = this.byte();
      low |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    let value = low;
    for (let i = SMALL_BYTES; i < SAFE_BYTES; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    let large = BigInt(value);
    for (let i = SAFE_BYTES; i < LONGEST_BYTES; i += 1) {
      const byte = this.byte();
      large |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      if (large > 0xffff_ffff_ffff_ffffn) break;
      return (large >> 1n) ^ -(large & 1n);
    }
    throw new UndecodableValue('a number has more than 64 bits');
  }

  /** @throws {UndecodableValue} for what has more than 32 bits */
  int(): number {
    const value = this.long();
    if (typeof value === 'bigint' || value > INT_MAX || value < -INT_MAX - 1) {
      throw new UndecodableValue('an int has more than 32 bits');
    }
    return value;
  }

  /** A length or a count; only a block's count may be negative. @throws {UndecodableValue} */
  count(): number {
    const value = this.long();
    if (typeof value === 'number') return value;
    throw new UndecodableValue('a length must have at most 53 bits');
  }
}

import { CR, LF, MINUS, SPACE, ZERO } from './bytes.ts';

/** Up to this many bytes a loop beats the native copy's call. */
const SHORT = 24;

/** Integers below it fit 32 bits, where division is cheap. */
const BILLION = 1_000_000_000;

const EMPTY = Buffer.alloc(0);

/**
 * Rows in the making: a buffer that grows at its end.
 *
 * A row that turns out bad is taken back by {@link RowBuffer.truncate}. Memory is allocated without being
 * cleared: only `[0, length)` may be read.
 */
export class RowBuffer {
  bytes: Buffer = EMPTY;
  length = 0;
  readonly #capacity: number;
  /** Memory that was given away and has come back. */
  #spare: Buffer | undefined;

  /** @param capacity bytes to allocate at first need, and again after each {@link RowBuffer.take} */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Makes sure that `count` more bytes fit. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = this.#memory(needed);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  /** Appends `[start, end)` of other bytes. */
  copy(from: Buffer, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count <= SHORT) {
      const { bytes, length } = this;
      for (let i = 0; i < count; i += 1) bytes[length + i] = from[start + i] as number;
    } else {
      from.copy(this.bytes, this.length, start, end);
    }
    this.length += count;
  }

  all(from: Buffer): void {
    this.copy(from, 0, from.length);
  }

  text(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.length += this.bytes.write(text, this.length);
  }

  /** Appends a 64-bit integer's decimal digits. */
  integer(value: number | bigint): void {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      this.text(String(value));
      return;
    }
    this.reserve(20);
    if (number < 0) this.byte(MINUS);
    const magnitude = Math.abs(number);
    const low = magnitude % BILLION;
    if (magnitude < BILLION) {
      this.#digits(low, digitCount(low));
      return;
    }
    // A safe integer is below 10^16, so what is left is below 10^7.
    const high = (magnitude - low) / BILLION;
    this.#digits(high, digitCount(high));
    this.#digits(low, 9);
  }

  /** Appends an integer below a billion with so many digits. */
  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at -= 1) {
      const tenth = (rest / 10) | 0;
      this.bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.length += count;
  }

  /** Turns the line breaks from `start` on into spaces. Only for JSON, where they stand between tokens. */
  blankLineBreaks(start: number): void {
    const { bytes, length } = this;
    for (let at = start; at < length; at += 1) {
      if (bytes[at] === LF || bytes[at] === CR) bytes[at] = SPACE;
    }
  }

  /** Takes back what was appended from `length` on. */
  truncate(length: number): void {
    this.length = length;
  }

  /** Takes memory back that {@link RowBuffer.take} gave away: nobody looks at it any more. */
  giveBack(taken: Buffer): void {
    this.#spare = Buffer.from(taken.buffer);
  }

  #memory(needed: number): Buffer {
    const spare = this.#spare;
    if (spare && spare.length >= needed) {
      this.#spare = undefined;
      return spare;
    }
    return Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2, this.#capacity));
  }

  /** Gives its bytes away and begins anew; they are the receiver's until it gives them back. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = EMPTY;
    this.length = 0;
    return taken;
  }
}

function digitCount(value: number): number {
  let count = 1;
  for (let bound = 10; bound <= value; bound *= 10) count += 1;
  return count;
}

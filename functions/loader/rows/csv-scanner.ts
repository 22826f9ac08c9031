import { runEnd, stopsAt } from './byte-run.ts';
import { CR, HIGH, LF } from './bytes.ts';
import { isUtf8Range } from './utf8.ts';

/** How a topic's values write CSV, as bytes; `escape` is absent where only doubling escapes. */
export interface CsvDialect {
  readonly separator: number;
  readonly enclose: number;
  readonly escape?: number | undefined;
}

const INTS_PER_FIELD = 3;
const ENCLOSED = 1;
const ESCAPED = 2;

/**
 * Checks that a byte range is exactly one row of CSV, and finds its fields.
 *
 * - A field that begins with the enclosing character ends with it; inside of it stand separators and line
 *   breaks as they are, the enclosing character doubled or behind the escape character. An escape character
 *   before any other byte is itself.
 * - Elsewhere the enclosing character is an ordinary one.
 * - One line end behind the row is no part of it. Any other line break outside of an enclosed field is a
 *   fault, LF and CR alike: some reader would begin a new row there.
 * - The bytes must be UTF-8, for readers refuse a whole file for one byte that is not.
 */
export class CsvScanner {
  count = 0;
  /** The row without a line end is `[start, end)`. */
  start = 0;
  end = 0;
  /** Whether enclosing characters stand in fields that are not enclosed, which RFC 4180 forbids. */
  stray = false;
  /** Per field its content's start and end, and flags. */
  #fields = new Int32Array(64 * INTS_PER_FIELD);
  readonly #dialect: CsvDialect;
  /** 1 for what ends a field that is not enclosed, or has to be looked at. */
  readonly #stops: Uint8Array;
  #ascii = true;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#stops = stopsAt(dialect.separator, dialect.enclose, LF, CR).fill(1, HIGH);
  }

  /** @returns why the range is not one row, or undefined when it is */
  scan(bytes: Buffer, from: number, to: number): string | undefined {
    this.start = from;
    this.end = withoutLineEnd(bytes, from, to);
    this.count = 0;
    this.stray = false;
    this.#ascii = true;
    let at = from;
    for (;;) {
      const enclosed = at < this.end && bytes[at] === this.#dialect.enclose;
      at = enclosed ? this.#enclosed(bytes, at + 1) : this.#plain(bytes, at);
      if (at < 0) return this.#describe(bytes, ~at);
      if (at === this.end) break;
      at += 1;
    }
    return this.#ascii || isUtf8Range(bytes, from, this.end) ? undefined : 'not valid UTF-8';
  }

  startOf(field: number): number {
    return this.#fields[field * INTS_PER_FIELD] as number;
  }
  endOf(field: number): number {
    return this.#fields[field * INTS_PER_FIELD + 1] as number;
  }
  isEnclosed(field: number): boolean {
    return ((this.#fields[field * INTS_PER_FIELD + 2] as number) & ENCLOSED) !== 0;
  }
  /** Whether the content is to be read through {@link CsvScanner.unescape}. */
  isEscaped(field: number): boolean {
    return ((this.#fields[field * INTS_PER_FIELD + 2] as number) & ESCAPED) !== 0;
  }

  /** The content of an escaped field as it was meant. */
  unescape(bytes: Buffer, field: number): Buffer {
    const end = this.endOf(field);
    const content = Buffer.allocUnsafe(end - this.startOf(field));
    let length = 0;
    for (let at = this.startOf(field); at < end; at += 1) {
      if (this.#isEscapeAt(bytes, at, end)) at += 1;
      content[length] = bytes[at] as number;
      length += 1;
    }
    return content.subarray(0, length);
  }

  /** Whether the byte at `at` only protects the next: an enclosing character, or an escape character. */
  #isEscapeAt(bytes: Buffer, at: number, end: number): boolean {
    const { enclose, escape: escapeWith } = this.#dialect;
    if (at + 1 >= end) return false;
    const next = bytes[at + 1];
    if (bytes[at] === escapeWith) return next === enclose || next === escapeWith;
    return bytes[at] === enclose && next === enclose;
  }

  /** @returns the position of the separator or end behind the field, or ~position of a fault */
  #plain(bytes: Buffer, from: number): number {
    const { separator, enclose } = this.#dialect;
    let at = runEnd(this.#stops, bytes, from, this.end);
    for (; at < this.end; at = runEnd(this.#stops, bytes, at + 1, this.end)) {
      const byte = bytes[at] as number;
      if (byte === separator) break;
      if (byte === enclose) this.stray = true;
      else if (byte >= HIGH) this.#ascii = false;
      else return ~at;
    }
    this.#add(from, at, 0);
    return at;
  }

  /** From behind the enclosing character; returns as {@link CsvScanner.#plain}. */
  #enclosed(bytes: Buffer, from: number): number {
    const { separator, enclose, escape: escapeWith } = this.#dialect;
    let flags = ENCLOSED;
    for (let at = from; at < this.end; at += 1) {
      const byte = bytes[at] as number;
      if (byte >= HIGH) {
        this.#ascii = false;
      } else if (byte !== enclose && byte !== escapeWith) {
      } else if (this.#isEscapeAt(bytes, at, this.end)) {
        flags |= ESCAPED;
        at += 1;
      } else if (byte === enclose) {
        this.#add(from, at, flags);
        const behind = at + 1;
        return behind === this.end || bytes[behind] === separator ? behind : ~behind;
      }
    }
    return ~this.end;
  }

  #add(start: number, end: number, flags: number): void {
    const base = this.count * INTS_PER_FIELD;
    if (base === this.#fields.length) {
      const grown = new Int32Array(this.#fields.length * 2);
      grown.set(this.#fields);
      this.#fields = grown;
    }
    this.#fields[base] = start;
    this.#fields[base + 1] = end;
    this.#fields[base + 2] = flags;
    this.count += 1;
  }

  #describe(bytes: Buffer, at: number): string {
    if (at >= this.end) return `field ${this.count + 1} is enclosed and does not end`;
    const place = `at byte ${at - this.start}`;
    if (bytes[at] === LF || bytes[at] === CR) {
      return `line break outside of an enclosed field ${place}: a value must be one row`;
    }
    return `text behind the end of enclosed field ${this.count} ${place}`;
  }
}

function withoutLineEnd(bytes: Buffer, from: number, to: number): number {
  if (to > from && bytes[to - 1] === LF) {
    return to - 1 > from && bytes[to - 2] === CR ? to - 2 : to - 1;
  }
  return to > from && bytes[to - 1] === CR ? to - 1 : to;
}

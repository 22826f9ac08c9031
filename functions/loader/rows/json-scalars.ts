import { runEnd, stopsAt } from './byte-run.ts';
import { BACKSLASH, COMMA, DOT, HIGH, MINUS, NINE, PLUS, QUOTE, SPACE, ZERO } from './bytes.ts';

/*
 * The tokens of RFC 8259 that hold no others. Each function begins at a position inside a token and
 * returns the position behind it, or ~position of the first byte at fault (`to` where the bytes end too
 * early). One number for both keeps the hot loop free of allocations.
 */

/** 1 for what ends a run of plain ASCII in a string: quote, backslash, control bytes; and for bytes above ASCII. */
const STOPS = stopsAt(QUOTE, BACKSLASH).fill(1, 0, SPACE).fill(1, HIGH);

/** The same, but running on over bytes above ASCII. */
const STOPS_ASCII = Uint8Array.from(STOPS).fill(0, HIGH);

/** What may follow a backslash, `u` aside. */
const ESCAPES = stopsAt(...Buffer.from('"\\/bfnrt'));
const LOWER_U = 0x75;

const WORDS = new Map(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]),
);

/** Skips strings, and remembers whether one of them held bytes above ASCII. */
export class StringSkipper {
  ascii = true;

  /** From behind the opening quote to behind the closing one. */
  skip(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      at = runEnd(STOPS, bytes, at, to);
      if (at >= to) return ~to;
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at + 1;
      if (byte >= HIGH) {
        this.ascii = false;
        at = runEnd(STOPS_ASCII, bytes, at, to);
      } else if (byte === BACKSLASH) {
        at = skipEscape(bytes, at + 1, to);
        if (at < 0) return at;
      } else {
        return ~at;
      }
    }
  }
}

function skipEscape(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return ~to;
  const byte = bytes[at] as number;
  if (ESCAPES[byte] === 1) return at + 1;
  if (byte !== LOWER_U) return ~at;
  for (let digit = at + 1; digit <= at + 4; digit += 1) {
    if (digit >= to) return ~to;
    if (!isHexDigit(bytes[digit] as number)) return ~digit;
  }
  return at + 5;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (lower >= 0x61 && lower <= 0x66);
}

/** A number from its first byte. */
export function skipNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  if (at < to && bytes[at] === ZERO) at += 1;
  else at = skipDigits(bytes, at, to);
  if (at >= 0 && at < to && bytes[at] === DOT) at = skipDigits(bytes, at + 1, to);
  if (at >= 0 && at < to && ((bytes[at] as number) | 0x20) === 0x65) {
    const sign = at + 1 < to ? bytes[at + 1] : COMMA;
    at = skipDigits(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1, to);
  }
  return at;
}

/** At least one digit. */
function skipDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte < ZERO || byte > NINE) break;
    at += 1;
  }
  return at > from ? at : ~from;
}

/** `true`, `false` or `null` from its first byte. */
export function skipWord(bytes: Uint8Array, from: number, to: number): number {
  const word = WORDS.get(bytes[from] as number);
  if (word === undefined) return ~from;
  for (let i = 1; i < word.length; i += 1) {
    if (from + i >= to) return ~to;
    if (bytes[from + i] !== word[i]) return ~(from + i);
  }
  return from + word.length;
}

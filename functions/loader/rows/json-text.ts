import { runEnd, stopsAt } from './byte-run.ts';
import { BACKSLASH, HIGH, QUOTE, SPACE } from './bytes.ts';
import type { RowBuffer } from './row-buffer.ts';
import { isUtf8Range } from './utf8.ts';

const HEX = Buffer.from('0123456789abcdef');
const BASE64_PREFIX = Buffer.from('base64:');
const UNICODE_ESCAPE = Buffer.from('\\u00');

/** 1 for what must not stand in a string as it is. */
const ESCAPED = stopsAt(QUOTE, BACKSLASH).fill(1, 0, SPACE);

/** The letter behind the backslash where RFC 8259 has a short form. */
const SHORT_ESCAPES = new Uint8Array(HIGH);
for (const [byte, letter] of [
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['"', '"'],
  ['\\', '\\'],
] as const) {
  SHORT_ESCAPES[byte.charCodeAt(0)] = letter.charCodeAt(0);
}

/** Appends `[start, end)`, which must be valid UTF-8, as a JSON string. */
export function appendJsonString(out: RowBuffer, from: Buffer, start: number, end: number): void {
  out.byte(QUOTE);
  for (let runAt = start; ; ) {
    const at = runEnd(ESCAPED, from, runAt, end);
    out.copy(from, runAt, at);
    if (at === end) break;
    appendEscape(out, from[at] as number);
    runAt = at + 1;
  }
  out.byte(QUOTE);
}

function appendEscape(out: RowBuffer, byte: number): void {
  const letter = SHORT_ESCAPES[byte] as number;
  if (letter !== 0) {
    out.byte(BACKSLASH);
    out.byte(letter);
    return;
  }
  out.all(UNICODE_ESCAPE);
  out.byte(HEX[byte >> 4] as number);
  out.byte(HEX[byte & 15] as number);
}

/** Bytes of any kind as text: themselves when they are UTF-8, else `base64:` and their base64. */
export function textOfBytes(from: Buffer, start: number, end: number): Buffer {
  if (isUtf8Range(from, start, end)) return from.subarray(start, end);
  return Buffer.concat([BASE64_PREFIX, Buffer.from(from.toString('base64', start, end))]);
}

/** Appends bytes of any kind as a JSON string, by the rule of {@link textOfBytes}. */
export function appendJsonBytes(out: RowBuffer, from: Buffer, start: number, end: number): void {
  const text = textOfBytes(from, start, end);
  appendJsonString(out, text, 0, text.length);
}

/** 1 for what ends a run of tokens, and of a string's content. */
const BETWEEN_TOKENS = stopsAt(QUOTE).fill(1, 0, SPACE + 1);
const IN_STRING = stopsAt(QUOTE, BACKSLASH);

/** Appends valid JSON without the white space between its tokens, every other byte as it is. */
export function appendCompactJson(out: RowBuffer, from: Buffer, start: number, end: number): void {
  out.reserve(end - start);
  let runAt = start;
  for (let at = start; at < end; ) {
    at = runEnd(BETWEEN_TOKENS, from, at, end);
    if (at === end) break;
    if (from[at] === QUOTE) {
      at = runEnd(IN_STRING, from, at + 1, end);
      while (at < end && from[at] === BACKSLASH) at = runEnd(IN_STRING, from, at + 2, end);
      at += 1;
      continue;
    }
    out.copy(from, runAt, at);
    at += 1;
    runAt = at;
  }
  out.copy(from, runAt, end);
}

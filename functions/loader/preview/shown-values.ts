import type { PreviewedRecord } from '#shared/domain/preview.ts';
import { parseExactJson } from '#shared/exact-json.ts';
import type { RecordView } from '../records.ts';

/** Values as they are shown: bounded, and said so. Sizes are bytes of JSON in UTF-8. */

/** How long a key and a value are shown, where there is room. */
const MOST_KEY_BYTES = 256;
const MOST_VALUE_BYTES = 1_024;

/** Texts and lists within a row that is too long. */
const LONG_TEXT = 200;
const LONG_LIST = 20;
const DEEPEST = 16;

const ELLIPSIS = '…';

/** Bytes of a value as JSON. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A text's beginning that takes at most so many bytes as JSON, with an ellipsis where something is missing. */
export function beginningOf(text: string, mostBytes: number): string {
  if (text.length <= mostBytes && jsonBytes(text) <= mostBytes) return text;
  let kept = text.slice(0, mostBytes);
  while (kept !== '' && jsonBytes(kept + ELLIPSIS) > mostBytes) {
    kept = kept.slice(0, Math.floor(kept.length * 0.8));
  }
  return `${kept.toWellFormed().replace(/\ufffd$/, '')}${ELLIPSIS}`;
}

/** A record's place, and the beginnings of its key and value, in at most a half of so many bytes. */
export function shownRecord(record: RecordView, mostBytes: number): PreviewedRecord {
  const { partition, offset, timestamp, buffer } = record;
  const { keyStart, keyEnd, valueStart, valueEnd } = record;
  const key = partOf(
    buffer,
    { start: keyStart, end: keyEnd },
    Math.min(MOST_KEY_BYTES, mostBytes / 8),
  );
  const value = partOf(
    buffer,
    { start: valueStart, end: valueEnd },
    Math.min(MOST_VALUE_BYTES, mostBytes / 4),
  );
  return {
    partition,
    offset: String(offset),
    ...(timestamp >= 0 && { timestamp }),
    ...('text' in key ? { key: key.text } : { keyBase64: key.base64 }),
    ...('text' in value ? { value: value.text } : { valueBase64: value.base64 }),
    ...(valueStart >= 0 && { valueBytes: valueEnd - valueStart }),
  };
}

type Part = { readonly text: string | null } | { readonly base64: string };

function partOf(
  buffer: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  mostBytes: number,
): Part {
  if (start < 0) return { text: null };
  const bytes = buffer.subarray(start, Math.min(end, start + Math.floor(mostBytes)));
  try {
    // A character that the cut divides is waited for, and so left out.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes, { stream: bytes.length < end - start });
    return { text: beginningOf(bytes.length < end - start ? text + ELLIPSIS : text, mostBytes) };
  } catch {
    return { base64: bytes.subarray(0, Math.floor((mostBytes * 3) / 4)).toString('base64') };
  }
}

/** A row as it is shown. */
export interface ShownRow {
  readonly row: unknown;
  readonly isShortened: boolean;
}

/**
 * A row in at most so many bytes: JSON as such and with every digit, else with its long texts and lists cut, else the
 * beginning of its text; CSV as text.
 */
export function shownRow(text: string, format: 'json' | 'csv', mostBytes: number): ShownRow {
  const whole = format === 'json' ? parsed(text) : text;
  if (whole !== undefined && jsonBytes(whole) <= mostBytes)
    return { row: whole, isShortened: false };
  const shorter = format === 'json' && whole !== undefined ? shortened(whole, DEEPEST) : undefined;
  if (shorter !== undefined && jsonBytes(shorter) <= mostBytes) {
    return { row: shorter, isShortened: true };
  }
  return { row: beginningOf(text, mostBytes), isShortened: true };
}

/** `undefined` for what is no JSON, which a format without a mapping passes on as it is, or nested too deeply. */
function parsed(text: string): unknown {
  try {
    const value = parseExactJson(text);
    JSON.stringify(value);
    return value;
  } catch {
    return undefined;
  }
}

function shortened(value: unknown, depth: number): unknown {
  if (typeof value === 'string')
    return value.length > LONG_TEXT ? beginningOf(value, LONG_TEXT) : value;
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (depth === 0) return ELLIPSIS;
  if (Array.isArray(value)) {
    const first = value.slice(0, LONG_LIST).map((each) => shortened(each, depth - 1));
    return value.length > LONG_LIST ? [...first, ELLIPSIS] : first;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, shortened(each, depth - 1)]),
  );
}

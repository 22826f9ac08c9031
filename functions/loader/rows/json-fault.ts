import type { RecordView } from '../records.ts';
import type { JsonScanner, ScanVerdict } from './json-scanner.ts';
import type { RowFault } from './row-encoder.ts';

/** What a value begins with that is JSON, or nearly, but not what is wanted. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^\[/, 'an array'],
  [/^\{/, 'an object'],
  [/^"/, 'a string'],
  [/^[-0-9]/, 'a number'],
  [/^(?:true|false)\b/, 'a boolean'],
  [/^null\b/, 'null'],
];

/** `false` and one character behind it. */
const LONGEST_WORD = 6;

/** Scans a value. @returns why it is no JSON object, or undefined when it is one */
export function scanObject(scanner: JsonScanner, record: RecordView): RowFault | undefined {
  const { buffer, valueStart, valueEnd } = record;
  return faultOf(scanner.scan(buffer, valueStart, valueEnd), scanner, {
    record,
    wanted: 'a JSON object',
  });
}

/** Scans a value. @returns why it is no JSON array, or undefined when it is one */
export function scanArray(scanner: JsonScanner, record: RecordView): RowFault | undefined {
  const { buffer, valueStart, valueEnd } = record;
  return faultOf(scanner.scanArray(buffer, valueStart, valueEnd), scanner, {
    record,
    wanted: 'a JSON array',
  });
}

interface Wish {
  readonly record: RecordView;
  readonly wanted: 'a JSON object' | 'a JSON array';
}

function faultOf(verdict: ScanVerdict, scanner: JsonScanner, wish: Wish): RowFault | undefined {
  switch (verdict) {
    case 'ok':
      return undefined;
    case 'not-utf8':
      return { reason: 'not valid UTF-8' };
    case 'malformed':
      return { reason: malformed(scanner, wish) };
  }
}

function malformed(scanner: JsonScanner, { record, wanted }: Wish): string {
  const { buffer, valueStart, valueEnd } = record;
  const at = scanner.faultAt;
  if (scanner.start >= valueEnd) return `must be ${wanted}, got white space only`;
  const found = String.fromCharCode(buffer[at] as number);
  if (at === scanner.start) {
    const text = buffer.toString('latin1', at, Math.min(valueEnd, at + LONGEST_WORD));
    const other = OTHERS.find(([beginning]) => beginning.test(text));
    if (other) return `must be ${wanted}, got ${other[1]}`;
  }
  if (at >= valueEnd) return `not valid JSON: ends too early, after ${valueEnd - valueStart} bytes`;
  const shown = /[\x21-\x7e]/.test(found) ? found : `0x${found.charCodeAt(0).toString(16)}`;
  return `not valid JSON: unexpected ${shown} at byte ${at - valueStart}`;
}

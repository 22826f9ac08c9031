import type { RecordView } from '../records.ts';
import type { JsonScanner } from './json-scanner.ts';
import type { RowFault } from './row-encoder.ts';

/** What a value begins with that is JSON, or nearly, but no object. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/\[/, 'an array'],
  [/"/, 'a string'],
  [/[-0-9]/, 'a number'],
  [/[tf]/, 'a boolean'],
  [/n/, 'null'],
];

/** Scans a value. @returns why it is no JSON object, or undefined when it is one */
export function scanObject(scanner: JsonScanner, record: RecordView): RowFault | undefined {
  const { buffer, valueStart, valueEnd } = record;
  switch (scanner.scan(buffer, valueStart, valueEnd)) {
    case 'ok':
      return undefined;
    case 'not-utf8':
      return { reason: 'not valid UTF-8' };
    case 'malformed':
      return { reason: malformed(scanner, record) };
  }
}

function malformed(scanner: JsonScanner, { buffer, valueStart, valueEnd }: RecordView): string {
  const at = scanner.faultAt;
  if (scanner.start >= valueEnd) return 'must be a JSON object, got white space only';
  const found = String.fromCharCode(buffer[at] as number);
  if (at === scanner.start) {
    const other = OTHERS.find(([beginning]) => beginning.test(found));
    if (other) return `must be a JSON object, got ${other[1]}`;
  }
  if (at >= valueEnd) return `not valid JSON: ends too early, after ${valueEnd - valueStart} bytes`;
  const shown = /[\x21-\x7e]/.test(found) ? found : `0x${found.charCodeAt(0).toString(16)}`;
  return `not valid JSON: unexpected ${shown} at byte ${at - valueStart}`;
}

import type { BadRow } from '#shared/domain/task.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import type { RowFault } from './row-encoder.ts';

/** So many bad rows of a slice are kept as examples; all are counted. */
const EXAMPLES = 10;

/** Bytes of an example's value that are shown, and the most that the shown text has in UTF-8. */
const EXCERPT_BYTES = 200;

/** A reason or a column's name may be in a record's own words, as long as the record, while examples stand in one item. */
const LONGEST_WORDS = 1_000;

/** Keeps the first bad rows of a slice as examples for people. */
export class BadRows {
  readonly examples: BadRow[] = [];

  add(record: RecordView, { reason, column }: RowFault): void {
    if (this.examples.length >= EXAMPLES) return;
    const { partition, offset, buffer, valueStart, valueEnd } = record;
    this.examples.push({
      partition,
      offset: String(offset),
      ...(column === undefined ? {} : { column: shortened(column) }),
      reason: shortened(reason),
      excerpt: valueStart < 0 ? '' : excerpt(buffer, valueStart, valueEnd),
    });
  }

  /** Records that could not be read: the first of them stands for all. */
  addWithheld({ partition, from, reason }: OversizedRecords): void {
    if (this.examples.length >= EXAMPLES) return;
    this.examples.push({ partition, offset: String(from), reason, excerpt: '' });
  }
}

/** The beginning of what is said of a row. */
export function shortened(words: string): string {
  if (words.length <= LONGEST_WORDS) return words;
  return `${words.slice(0, LONGEST_WORDS).toWellFormed()}...`;
}

/**
 * The beginning of a value as text that is safe to show: line breaks, control and format characters, and
 * bytes that are no UTF-8, become U+FFFD.
 */
export function excerpt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + EXCERPT_BYTES));
  let shown = '';
  let length = 0;
  for (const character of text) {
    const printable = /[\p{C}\p{Zl}\p{Zp}]/u.test(character) ? '\ufffd' : character;
    length += Buffer.byteLength(printable);
    if (length > EXCERPT_BYTES) break;
    shown += printable;
  }
  return shown;
}

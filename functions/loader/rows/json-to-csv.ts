import { BACKSLASH, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './bytes.ts';
import { ColumnFinder } from './column-finder.ts';
import { appendCsvText, csvHeader, endCsvRow } from './csv-text.ts';
import { scanObject } from './json-fault.ts';
import { JsonScanner } from './json-scanner.ts';
import { appendCompactJson } from './json-text.ts';
import type { AppendMetadata } from './metadata-columns.ts';
import { RowBuffer } from './row-buffer.ts';
import type { RowEncoder } from './row-encoder.ts';

const LOWER_N = 0x6e;

/** What {@link jsonToCsv} needs. `names`: the columns of the header line; none: no header line. */
export interface JsonToCsvOptions {
  readonly columns: readonly string[];
  readonly names: readonly string[];
  readonly metadata?: AppendMetadata | undefined;
}

/**
 * The named top-level fields of JSON objects as CSV: strings as text, numbers by the digits they came with
 * (no double between, so 9007199254740993 and 1.10 stay exact), booleans as `true` and `false`, null and
 * missing fields as nothing, objects and arrays as compact JSON.
 */
export function jsonToCsv({ columns, names, metadata }: JsonToCsvOptions): RowEncoder {
  const scanner = new JsonScanner();
  const finder = new ColumnFinder(columns);
  const cells = new JsonCells();
  return {
    header: csvHeader(names),
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      finder.find(record.buffer, scanner.fields);
      const rowAt = out.length;
      for (let column = 0; column < columns.length; column += 1) {
        if (column > 0) out.byte(COMMA);
        const field = finder.fieldOf[column] as number;
        if (field < 0) continue;
        const start = scanner.fields.valueStartOf(field);
        if (!cells.append(out, record.buffer, { start, end: scanner.fields.valueEndOf(field) })) {
          return {
            reason: 'holds half of a surrogate pair, which no text can',
            column: columns[column],
          };
        }
      }
      metadata?.(out, record, false);
      endCsvRow(out, rowAt);
      return undefined;
    },
  };
}

/** Writes valid JSON values as CSV fields: strings as text, objects and arrays as compact JSON, null as nothing. */
class JsonCells {
  readonly #scratch = new RowBuffer(256);

  /** @returns false when the value is a string that has no UTF-8 form */
  append(out: RowBuffer, from: Buffer, value: { start: number; end: number }): boolean {
    const { start, end } = value;
    const first = from[start];
    if (first === QUOTE) return this.#string(out, from, value);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      this.#scratch.truncate(0);
      appendCompactJson(this.#scratch, from, start, end);
      appendCsvText(out, this.#scratch.bytes, 0, this.#scratch.length);
    } else if (first !== LOWER_N) {
      out.copy(from, start, end);
    }
    return true;
  }

  #string(out: RowBuffer, from: Buffer, { start, end }: { start: number; end: number }): boolean {
    let at = start + 1;
    while (at < end && from[at] !== BACKSLASH) at += 1;
    if (at === end) {
      appendCsvText(out, from, start + 1, end - 1);
      return true;
    }
    const text: string = JSON.parse(from.toString('utf8', start, end));
    if (!text.isWellFormed()) return false;
    const bytes = Buffer.from(text);
    appendCsvText(out, bytes, 0, bytes.length);
    return true;
  }
}

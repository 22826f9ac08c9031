import { parseCsv } from './csv-lines.ts';
import type { DemoMapping } from './mapped-movies.ts';

/** How records become rows: what the verification must know to compare them. */
export interface TableShape {
  readonly valueFormat: 'json' | 'csv';
  readonly tableFormat: 'ndjson' | 'csv' | 'parquet';
  /** Names of the fields of a CSV value, or of the columns of a CSV table. */
  readonly columns: readonly string[];
  /** Where rows are not just what the records are. */
  readonly expected?: DemoMapping['expected'] | undefined;
}

/**
 * The content that a record's value must have as a row, in a form that is equal for equal contents:
 * insignificant spaces are gone, and a null in CSV is an empty field.
 *
 * @returns undefined for a value that the job's filter leaves out
 */
export function contentOfValue(shape: TableShape, value: string): string | undefined {
  if (shape.valueFormat === 'json') {
    const parsed: unknown = JSON.parse(value);
    if (shape.expected) return JSON.stringify(shape.expected(parsed as Record<string, unknown>));
    if (shape.tableFormat === 'ndjson') return JSON.stringify(parsed);
    const fields = parsed as Record<string, unknown>;
    return JSON.stringify(shape.columns.map((column) => csvText(fields[column])));
  }
  const fields = parseCsv(value)[0] ?? [];
  if (shape.tableFormat === 'csv') return JSON.stringify(fields);
  return JSON.stringify(Object.fromEntries(shape.columns.map((column, i) => [column, fields[i]])));
}

function csvText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A row of a table: the record that it says it came from, and its content without saying so. */
export interface TableRow {
  readonly partition: number;
  readonly offset: number;
  readonly content: string;
}

/** @throws {Error} when the line is no JSON object or does not say where it came from */
export function rowOfNdjson(line: string): TableRow {
  const { _partition, _offset, ...content } = JSON.parse(line) as Record<string, unknown>;
  return {
    partition: asNumber(_partition, '_partition'),
    offset: asNumber(_offset, '_offset'),
    content: JSON.stringify(content),
  };
}

/** Rows of a CSV file by the names in its first line. */
export function rowsOfCsv(text: string): TableRow[] {
  const [header = [], ...records] = parseCsv(text);
  const partition = header.indexOf('_partition');
  const offset = header.indexOf('_offset');
  return records.map((fields) => ({
    partition: asNumber(fields[partition], '_partition'),
    offset: asNumber(fields[offset], '_offset'),
    content: JSON.stringify(fields.filter((_, i) => i !== partition && i !== offset)),
  }));
}

function asNumber(value: unknown, column: string): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new Error(`a row must have a whole number in ${column}, got ${JSON.stringify(value)}`);
}

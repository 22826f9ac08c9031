import type { FormatSpec } from '#shared/domain/spec/value-format.ts';
import type { RecordView } from '../records.ts';
import { type CsvDialect, CsvScanner } from './csv-scanner.ts';
import type { RowFault } from './row-encoder.ts';

type CsvFormat = Extract<FormatSpec, { type: 'csv' }>;

/** The content of a field, without its quotes: `[start, end)` of the bytes. */
export interface FieldContent {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly isEnclosed: boolean;
}

/** The fields of CSV values by name. What is said of them is valid until the next {@link CsvFields.scan}. */
export class CsvFields {
  readonly #scanner: CsvScanner;
  readonly #names: readonly string[] | undefined;

  constructor(format: CsvFormat) {
    this.#scanner = new CsvScanner(csvDialect(format));
    this.#names = format.columns;
  }

  /** @throws {RangeError} for a name that values do not have */
  placeOf(name: string): number {
    const place = this.#names?.indexOf(name) ?? -1;
    if (place >= 0) return place;
    throw new RangeError(`columns must be among format.columns (${this.#names}), got ${name}`);
  }

  /** Reads a value. @returns why it is no row, or undefined when it is one */
  scan(record: RecordView): RowFault | undefined {
    return scanCsv(this.#scanner, record, this.#names);
  }

  contentOf(place: number, bytes: Buffer): FieldContent {
    return csvContent(this.#scanner, bytes, place);
  }
}

/** The dialect of a format. */
export function csvDialect({
  columnSeparator,
  enclose,
  escape: escapeWith,
}: CsvFormat): CsvDialect {
  return {
    separator: columnSeparator.charCodeAt(0),
    enclose: enclose.charCodeAt(0),
    // An escape that is the enclosing character itself is doubling, which always counts.
    escape:
      escapeWith === undefined || escapeWith === enclose ? undefined : escapeWith.charCodeAt(0),
  };
}

/** Scans a value, and counts its fields where their names are known. */
export function scanCsv(
  scanner: CsvScanner,
  record: RecordView,
  columns: readonly string[] | undefined,
): RowFault | undefined {
  const reason = scanner.scan(record.buffer, record.valueStart, record.valueEnd);
  if (reason !== undefined) return { reason };
  if (columns === undefined || scanner.count === columns.length) return undefined;
  return { reason: `has ${scanner.count} fields, must have ${columns.length}` };
}

/** The content of a field of the value that was scanned last. */
export function csvContent(scanner: CsvScanner, bytes: Buffer, field: number): FieldContent {
  const isEnclosed = scanner.isEnclosed(field);
  if (scanner.isEscaped(field)) {
    const content = scanner.unescape(bytes, field);
    return { bytes: content, start: 0, end: content.length, isEnclosed };
  }
  return { bytes, start: scanner.startOf(field), end: scanner.endOf(field), isEnclosed };
}

import type { FormatSpec } from '#shared/domain/job-spec.ts';
import { CLOSE_BRACE, COMMA, OPEN_BRACE, QUOTE } from './bytes.ts';
import { csvContent, csvDialect, scanCsv } from './csv-fields.ts';
import { CsvScanner } from './csv-scanner.ts';
import { appendCsvText, csvHeader, endCsvRow } from './csv-text.ts';
import { appendJsonString } from './json-text.ts';
import type { AppendMetadata } from './metadata-columns.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { RowEncoder } from './row-encoder.ts';

/** What the encoders of CSV values need. */
export interface CsvRowsOptions {
  readonly format: Extract<FormatSpec, { type: 'csv' }>;
  /** The fields to write, when not all in their order; names of `format.columns`. */
  readonly columns?: readonly string[] | undefined;
  readonly metadata?: AppendMetadata | undefined;
}

/**
 * CSV as CSV. A row that is RFC 4180 already passes on byte by byte; one of another dialect is written
 * anew. An empty field stays empty and an enclosed empty one stays `""`.
 */
export function csvToCsv(options: CsvRowsOptions & { names: readonly string[] }): RowEncoder {
  const { format, columns, metadata, names } = options;
  const dialect = csvDialect(format);
  const scanner = new CsvScanner(dialect);
  const picked = columns && picks(format.columns ?? [], columns);
  const standard = dialect.separator === COMMA && dialect.enclose === QUOTE && !dialect.escape;
  return {
    header: csvHeader(names),
    encode(record, out) {
      const fault = scanCsv(scanner, record, format.columns);
      if (fault) return fault;
      const rowAt = out.length;
      if (standard && !scanner.stray && !picked) {
        out.copy(record.buffer, scanner.start, scanner.end);
      } else {
        const count = picked ? picked.length : scanner.count;
        for (let i = 0; i < count; i += 1) {
          if (i > 0) out.byte(COMMA);
          appendField(out, record.buffer, { scanner, field: picked ? (picked[i] as number) : i });
        }
      }
      metadata?.(out, record, false);
      endCsvRow(out, rowAt);
      return undefined;
    },
  };
}

/**
 * CSV in its own dialect, passed on byte by byte: for a destination that knows dialects. Checked, so that a
 * value is one row. An empty field that is all of a row becomes an enclosed one, as an empty line is no row.
 */
export function csvAsIs(format: CsvRowsOptions['format']): RowEncoder {
  const dialect = csvDialect(format);
  const scanner = new CsvScanner(dialect);
  return {
    encode(record, out) {
      const fault = scanCsv(scanner, record, format.columns);
      if (fault) return fault;
      const rowAt = out.length;
      out.copy(record.buffer, scanner.start, scanner.end);
      if (out.length > rowAt) return undefined;
      out.byte(dialect.enclose);
      out.byte(dialect.enclose);
      return undefined;
    },
  };
}

/** CSV as JSON objects of strings; an empty field is an empty string. */
export function csvToNdjson({ format, columns, metadata }: CsvRowsOptions): RowEncoder {
  const scanner = new CsvScanner(csvDialect(format));
  const fields = format.columns ?? [];
  const written = columns ?? fields;
  const picked = picks(fields, written);
  const names = written.map((column) => Buffer.from(`${JSON.stringify(column)}:`));
  return {
    encode(record, out) {
      const fault = scanCsv(scanner, record, fields);
      if (fault) return fault;
      out.byte(OPEN_BRACE);
      names.forEach((name, i) => {
        if (i > 0) out.byte(COMMA);
        out.all(name);
        const field = picked[i] as number;
        const content = csvContent(scanner, record.buffer, field);
        appendJsonString(out, content.bytes, content.start, content.end);
      });
      metadata?.(out, record, names.length === 0);
      out.byte(CLOSE_BRACE);
      return undefined;
    },
  };
}

function picks(fields: readonly string[], columns: readonly string[]): number[] {
  return columns.map((column) => {
    const field = fields.indexOf(column);
    if (field < 0) {
      throw new RangeError(`columns must be among format.columns (${fields}), got ${column}`);
    }
    return field;
  });
}

function appendField(
  out: RowBuffer,
  from: Buffer,
  { scanner, field }: { scanner: CsvScanner; field: number },
): void {
  const { bytes, start, end, isEnclosed } = csvContent(scanner, from, field);
  if (start < end || isEnclosed) appendCsvText(out, bytes, start, end);
}

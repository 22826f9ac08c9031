import type { JobSpec } from '#shared/domain/job-spec.ts';
import { type RowFormat, type RowFormatSpec, rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { FormatSpec } from '#shared/domain/spec/value-format.ts';
import { csvAsIs, csvToCsv, csvToNdjson } from './csv-rows.ts';
import { jsonToCsv } from './json-to-csv.ts';
import { jsonFieldsToNdjson, jsonToNdjson } from './json-to-ndjson.ts';
import { knownFieldsOnly } from './known-fields.ts';
import { csvMetadata, jsonMetadata } from './metadata-columns.ts';
import { rawToCsv, rawToNdjson } from './raw-rows.ts';
import type { RowEncoder } from './row-encoder.ts';

/** The one column of format `raw` in CSV. */
const RAW_COLUMN = 'value';

/** What of a specification decides how rows are written. */
export interface RowSpec extends RowFormatSpec {
  readonly policies?: Pick<JobSpec['policies'], 'unknownColumns'>;
}

/**
 * The encoder for a specification's format and destination.
 *
 * @throws {RangeError} for what the specification's schema refuses: columns that CSV values do not have
 */
export function makeRowEncoder(spec: RowSpec, topic: string): RowEncoder {
  const rows = rowFormatOf(spec);
  const isStrict = spec.policies?.unknownColumns === 'reject' && rows.columns !== undefined;
  const encoder = encoderOf(spec, topic, rows);
  return isStrict ? knownFieldsOnly(encoder, new Set(rows.columns)) : encoder;
}

function encoderOf(spec: RowSpec, topic: string, rows: RowFormat): RowEncoder {
  if (rows.asIs) return spec.format.type === 'csv' ? csvAsIs(spec.format) : rawToNdjson();
  return rows.format === 'csv'
    ? toCsv(spec.format, topic, rows)
    : toNdjson(spec.format, topic, rows);
}

function toNdjson(format: FormatSpec, topic: string, { columns, metadata: chosen }: RowFormat) {
  const metadata = chosen.length > 0 ? jsonMetadata(chosen, topic) : undefined;
  switch (format.type) {
    case 'json':
      return columns ? jsonFieldsToNdjson(columns, metadata) : jsonToNdjson(metadata);
    case 'csv':
      return csvToNdjson({ format, columns, metadata });
    case 'raw':
      return rawToNdjson();
  }
}

function toCsv(format: FormatSpec, topic: string, rows: RowFormat): RowEncoder {
  const { columns, metadata: chosen, header } = rows;
  const metadata = chosen.length > 0 ? csvMetadata(chosen, topic) : undefined;
  // Without names for the values' own fields a header line would be wrong, so there is none.
  const namesOf = (own: readonly string[] | undefined) =>
    header && own ? [...own, ...chosen] : [];
  switch (format.type) {
    case 'json':
      return jsonToCsv({ columns: columns ?? [], names: namesOf(columns), metadata });
    case 'csv':
      return csvToCsv({ format, columns, names: namesOf(columns ?? format.columns), metadata });
    case 'raw':
      return rawToCsv(namesOf([RAW_COLUMN]), metadata);
  }
}

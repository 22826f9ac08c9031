import type { JobSpec } from '#shared/domain/job-spec.ts';
import { deletionOf } from '#shared/domain/spec/deletion.ts';
import { namesOfPaths } from '#shared/domain/spec/json-faults.ts';
import { type RowFormat, type RowFormatSpec, rowFormatOf } from '#shared/domain/spec/row-format.ts';
import { decodedFormat, type PlainFormat } from '#shared/domain/spec/value-format.ts';
import { decodingEncoder } from '../values/decoding-encoder.ts';
import type { ValueReading } from '../values/value-reading.ts';
import { csvAsIs, csvToCsv, csvToNdjson } from './csv-rows.ts';
import { deletingRows, deletionMark } from './deleting-rows.ts';
import { shapedRows } from './json-shape.ts';
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
  readonly policies?: Pick<JobSpec['policies'], 'unknownColumns' | 'tombstone'>;
  /** Formats with a schema only, whose values it decodes to JSON. */
  readonly reading?: ValueReading | undefined;
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
  const checked = isStrict ? knownFieldsOnly(encoder, new Set(rows.columns)) : encoder;
  const shaped = shapedBy(spec, checked);
  return spec.reading ? decodingEncoder(shaped, spec.reading) : shaped;
}

/** Values as they are shaped by us, where they are JSON of some shape. */
export function shapedBy(
  { format, columns, destination }: RowSpec,
  encoder: RowEncoder,
): RowEncoder {
  const isOurs = destination.doris === undefined && destination.starrocks === undefined;
  if (format.type !== 'json' || !isOurs) return encoder;
  return shapedRows({ format, names: namesOfPaths(columns) }, encoder);
}

function encoderOf(spec: RowSpec, topic: string, rows: RowFormat): RowEncoder {
  const format = decodedFormat(spec.format);
  if (rows.asIs) return format.type === 'csv' ? csvAsIs(format) : rawToNdjson();
  const deletion = deletionOf(spec);
  if (deletion) {
    const metadata = rows.metadata.length > 0 ? jsonMetadata(rows.metadata, topic) : undefined;
    const added = [...rows.metadata, deletion.signColumn];
    return deletingRows(deletion, jsonToNdjson(deletionMark(deletion, metadata), added));
  }
  return rows.format === 'csv' ? toCsv(format, topic, rows) : toNdjson(format, topic, rows);
}

function toNdjson(format: PlainFormat, topic: string, { columns, metadata: chosen }: RowFormat) {
  const metadata = chosen.length > 0 ? jsonMetadata(chosen, topic) : undefined;
  switch (format.type) {
    case 'json':
      return columns ? jsonFieldsToNdjson(columns, metadata) : jsonToNdjson(metadata, chosen);
    case 'csv':
      return csvToNdjson({ format, columns, metadata });
    case 'raw':
      return rawToNdjson();
  }
}

function toCsv(format: PlainFormat, topic: string, rows: RowFormat): RowEncoder {
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

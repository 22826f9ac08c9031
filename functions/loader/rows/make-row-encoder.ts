import { columnNames, type JobSpec } from '#shared/domain/job-spec.ts';
import { csvToCsv, csvToNdjson } from './csv-rows.ts';
import { jsonToCsv } from './json-to-csv.ts';
import { jsonFieldsToNdjson, jsonToNdjson } from './json-to-ndjson.ts';
import { csvMetadata, jsonMetadata } from './metadata-columns.ts';
import { rawToCsv, rawToNdjson } from './raw-rows.ts';
import type { RowEncoder } from './row-encoder.ts';

/** The one column of format `raw` in CSV. */
const RAW_COLUMN = 'value';

/** What of a specification decides how rows are written. */
export type RowSpec = Pick<JobSpec, 'format' | 'columns' | 'destination'>;

/**
 * The encoder for a specification's format and destination.
 *
 * @throws {RangeError} for what {@link JobSpec}'s schema refuses: columns that CSV values do not have
 */
export function makeRowEncoder(spec: RowSpec, topic: string): RowEncoder {
  const columns = spec.columns === undefined ? undefined : columnNames(spec.columns);
  return spec.destination.file.format === 'csv'
    ? toCsv(spec, topic, { columns })
    : toNdjson(spec, topic, { columns });
}

interface Columns {
  readonly columns: readonly string[] | undefined;
}

function toNdjson({ format, destination }: RowSpec, topic: string, { columns }: Columns) {
  const chosen = destination.file.metadata;
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

function toCsv({ format, destination }: RowSpec, topic: string, { columns }: Columns): RowEncoder {
  const { metadata: chosen, header } = destination.file;
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

import type { JobSpec } from '#shared/domain/job-spec.ts';
import { deletionOf } from '#shared/domain/spec/deletion.ts';
import type { JsonFormat } from '#shared/domain/spec/json-format.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';

/** Headers by name; what is undefined is left out. */
export type Settings = Readonly<Record<string, string | number | boolean | undefined>>;

/** What of a specification decides how a warehouse reads the rows. */
export type LoadSpec = Pick<JobSpec, 'format' | 'columns' | 'where' | 'destination' | 'policies'>;

type Warehouse = NonNullable<JobSpec['destination']['doris'] | JobSpec['destination']['starrocks']>;

/** The settings that Doris and StarRocks name alike, and how the rows that we send are to be read. */
export function commonSettings(spec: LoadSpec, warehouse: Warehouse): Settings {
  const { format } = spec;
  const isJson = rowFormatOf(spec).format === 'ndjson';
  return {
    format: isJson ? 'json' : 'csv',
    column_separator: format.type === 'csv' ? separatorText(format.columnSeparator) : undefined,
    enclose: format.type === 'csv' ? format.enclose : undefined,
    escape: format.type === 'csv' ? format.escape : undefined,
    columns: columnsOf(spec),
    where: spec.where,
    ...(format.type === 'json' && jsonSettings(format)),
    strict_mode: warehouse.strictMode,
    timezone: warehouse.timezone,
    partitions: warehouse.partitions?.join(','),
    temporary_partitions: warehouse.temporaryPartitions?.join(','),
    // The job's own limits are judged before the decision; what the destination would refuse by its ratio
    // would be told without counts.
    max_filter_ratio: 1,
  };
}

/** The mark of rows that delete is a column like any other, where columns are named. */
function columnsOf(spec: LoadSpec): string | undefined {
  const { columns, format } = spec;
  const sign = deletionOf(spec)?.signColumn;
  if (columns !== undefined) return sign === undefined ? columns : `${columns}, ${sign}`;
  return format.type === 'csv' ? format.columns?.join(',') : undefined;
}

function jsonSettings({ stripOuterArray, jsonRoot, jsonPaths }: JsonFormat): Settings {
  return {
    jsonpaths: jsonPaths && JSON.stringify(jsonPaths),
    json_root: jsonRoot,
    strip_outer_array: stripOuterArray,
  };
}

/** White space at the ends of a header's value is lost on the way, so it goes as Doris' `\x09`. */
function separatorText(separator: string): string {
  return /\s/.test(separator)
    ? `\\x${separator.charCodeAt(0).toString(16).padStart(2, '0')}`
    : separator;
}

/** Settings as headers. */
export function asHeaders(settings: Settings): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) headers[name] = String(value);
  }
  return headers;
}

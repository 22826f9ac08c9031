import type { ColumnItem } from './column-list.ts';
import { parseColumns } from './column-list.ts';
import type { RowFormatSpec } from './row-format.ts';
import { rowFormatOf } from './row-format.ts';

/** The field of a raw value. */
export const RAW_FIELD = 'value';

/** The part of a specification that decides whether rows must be understood, and how. */
export interface MappingSpec extends RowFormatSpec {
  readonly where?: string | undefined;
  readonly types?: Readonly<Record<string, string>> | undefined;
  readonly policies?: {
    readonly tombstone: 'skip' | 'null' | 'delete' | 'reject';
    readonly unknownColumns: 'ignore' | 'reject';
  };
}

/** Rows that must be understood: an engine maps, filters and types them. */
export interface Mapping {
  /** In the order in which they are written; absent: each value is passed on whole. */
  readonly columns: readonly ColumnItem[] | undefined;
  readonly where: string | undefined;
  /** Types of the value's fields; all others are text. */
  readonly types: Readonly<Record<string, string>>;
}

/**
 * The mapping of a specification; undefined where bytes will do: nothing is computed, filtered or typed, or the
 * destination does it by itself.
 */
export function mappingOf(spec: MappingSpec): Mapping | undefined {
  const { destination, where, types = {} } = spec;
  if (destination.doris || destination.starrocks) return undefined;
  const items = spec.columns === undefined ? undefined : parseColumns(spec.columns).items;
  const isComputed = items?.some(({ expression }) => expression !== undefined) ?? false;
  const isTyped = Object.keys(types).length > 0;
  const { format } = rowFormatOf(spec);
  if (!isComputed && !isTyped && where === undefined && format !== 'parquet') return undefined;
  return { columns: items ?? defaultColumns(spec, types), where, types };
}

/** Without `columns`: every field that has a name from elsewhere, or the value whole where lines can carry it. */
function defaultColumns(
  { format, destination }: MappingSpec,
  types: Readonly<Record<string, string>>,
): ColumnItem[] | undefined {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  if (format.type === 'csv') return named(format.columns ?? []);
  if (format.type === 'raw') return named([RAW_FIELD]);
  const written = (destination.file ?? destination.s3)?.format;
  return written === 'ndjson' ? undefined : named(Object.keys(types));
}

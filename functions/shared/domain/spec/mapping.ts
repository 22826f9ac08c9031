import type { ColumnItem } from './column-list.ts';
import { parseColumns } from './column-list.ts';
import { ALL_OTHERS, declaredTypes, type FieldTypes } from './field-types.ts';
import type { RowFormatSpec } from './row-format.ts';
import { rowFormatOf } from './row-format.ts';
import type { TableShape } from './table-shape.ts';

/** The field of a raw value. */
export const RAW_FIELD = 'value';

/** The part of a specification that decides whether rows must be understood, and how. */
export interface MappingSpec extends RowFormatSpec {
  readonly where?: string | undefined;
  readonly types?: FieldTypes | undefined;
  /** Those of `types` that nobody declared, where inferred ones were added to it. */
  readonly inferred?: ReadonlySet<string> | undefined;
  /** Of a destination that says itself which columns there are, once it was asked. */
  readonly table?: TableShape | undefined;
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
  readonly types: FieldTypes;
}

/**
 * The mapping of a specification; undefined where bytes will do: nothing is computed, filtered or typed, or the
 * destination does it by itself.
 */
export function mappingOf(spec: MappingSpec): Mapping | undefined {
  const { destination, where, inferred } = spec;
  if (destination.doris || destination.starrocks) return undefined;
  const types = declaredTypes(spec.types);
  const items = spec.columns === undefined ? undefined : parseColumns(spec.columns).items;
  const isComputed = items?.some(({ expression }) => expression !== undefined) ?? false;
  const isTyped = Object.keys(types).some((name) => !inferred?.has(name)) || needsNames(spec);
  const { format } = rowFormatOf(spec);
  if (!isComputed && !isTyped && where === undefined && format !== 'parquet') return undefined;
  const columns = items ?? defaultColumns(spec, types);
  return { columns, where, types: { ...tableTypes(spec, columns), ...types } };
}

/**
 * Whether types are to be inferred from a sample: `types` asks for it, and rows are understood by us.
 */
export function infersTypes(spec: MappingSpec): boolean {
  const isAsked = spec.types !== undefined && Object.hasOwn(spec.types, ALL_OTHERS);
  return isAsked && mappingOf(spec) !== undefined;
}

/** Whether a sample says which columns there are: CSV has some, and JSON does not say which. */
function needsNames({ format, columns, types = {}, inferred, destination }: MappingSpec): boolean {
  const written = (destination.file ?? destination.s3)?.format;
  const isOpen = format.type !== 'csv' && format.type !== 'raw' && columns === undefined;
  const isSampled = inferred !== undefined || Object.hasOwn(types, ALL_OTHERS);
  return isOpen && written === 'csv' && isSampled;
}

/** Without `columns`: every field that has a name from elsewhere, or the value whole where lines can carry it. */
function defaultColumns(
  { format, destination, table }: MappingSpec,
  types: FieldTypes,
): ColumnItem[] | undefined {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  if (table && format.type !== 'raw') {
    const { metadata = [] } = destination.iceberg ?? {};
    const own = table.columns.filter(({ name }) => !metadata.some((fact) => fact === name));
    const isThere = (name: string) => format.type !== 'csv' || format.columns?.includes(name);
    return named(own.map(({ name }) => name).filter(isThere));
  }
  if (format.type === 'csv') return named(format.columns ?? []);
  if (format.type === 'raw') return named([RAW_FIELD]);
  const written = (destination.file ?? destination.s3)?.format;
  return written === 'ndjson' ? undefined : named(Object.keys(types));
}

/** Fields that are columns as they are have the types of these. */
function tableTypes(
  { table }: MappingSpec,
  items: readonly ColumnItem[] | undefined = [],
): FieldTypes {
  const types = items.flatMap(({ name, expression }) => {
    const column = table?.columns.find((each) => each.name === name);
    const isField = expression === undefined && column?.type !== undefined;
    return isField && column.type !== 'BLOB' ? [[name, column.type] as const] : [];
  });
  return Object.fromEntries(types);
}

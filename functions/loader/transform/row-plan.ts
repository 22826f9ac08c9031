import type { ColumnItem } from '#shared/domain/spec/column-list.ts';
import { namesOfPaths } from '#shared/domain/spec/json-faults.ts';
import { type MappingSpec, mappingOf } from '#shared/domain/spec/mapping.ts';
import { METADATA_COLUMNS, type MetadataColumn } from '#shared/domain/spec/metadata.ts';
import type { PartitionBy } from '#shared/domain/spec/partition-by.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { TableColumn } from '#shared/domain/spec/table-shape.ts';
import { decodedFormat, type PlainFormat } from '#shared/domain/spec/value-format.ts';
import { type CheckedExpression, type ExpressionCheck, mismatch } from './check-expression.ts';
import { FieldNames } from './field-names.ts';
import { fitTable } from './fit-table.ts';
import type { ColumnSource, PlannedField } from './planned-field.ts';

/** A column as it is written. */
export interface RowColumn {
  readonly name: string;
  readonly source: ColumnSource;
  /** What the table says of it, where there is one that does. */
  readonly table?: Pick<TableColumn, 'fieldId' | 'isRequired'>;
}

/** What becomes of a value, with every name resolved. */
export interface RowPlan {
  readonly valueFormat: PlainFormat;
  readonly rowFormat: 'ndjson' | 'csv' | 'parquet';
  /** `csv` only. */
  readonly header: boolean;
  /** Absent: the value is passed on whole, with `metadata` behind its own fields. */
  readonly columns: readonly RowColumn[] | undefined;
  /** Facts that are added to values that are passed on whole. */
  readonly metadata: readonly MetadataColumn[];
  readonly where: string | undefined;
  /** Fields that are understood, by the names that records have. Those of `where` come first. */
  readonly fields: readonly PlannedField[];
  /** Facts that columns or expressions name. */
  readonly facts: readonly MetadataColumn[];
  /** By whose date rows are kept apart, if they are. */
  readonly period: PartitionBy | undefined;
}

/**
 * Resolves a specification's columns and filter against each other.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH for expressions that are none, and for names that nothing has
 */
export async function planRows(spec: MappingSpec, check: ExpressionCheck): Promise<RowPlan> {
  const mapping = mappingOf(spec);
  if (mapping === undefined) throw mismatch('columns', 'there is nothing to transform');
  const { metadata, format, header } = rowFormatOf(spec);
  const where = mapping.where === undefined ? undefined : await check.check(mapping.where, 'where');
  const names = new FieldNames(decodedFormat(spec.format), { ...mapping, inferred: spec.inferred });
  if (where) names.useInWhere(where.names);
  const columns: RowColumn[] = [];
  for (const item of mapping.columns ?? []) columns.push(await columnOf(item, names, check));
  if (mapping.columns === undefined) names.useAllDeclared();
  requireFound(spec, names);
  const added = mapping.columns === undefined ? [] : metadata;
  for (const column of added) {
    columns.push({ name: column, source: { kind: 'metadata', column } });
  }
  const { table } = spec;
  const fitted = table ? fitTable(columns, { table, types: mapping.types, names }) : columns;
  return {
    valueFormat: decodedFormat(spec.format),
    rowFormat: format,
    header,
    columns: mapping.columns && fitted,
    metadata: mapping.columns === undefined ? metadata : [],
    where: where?.sql,
    fields: names.fields().map((field) => asShown(field, format)),
    facts: METADATA_COLUMNS.filter((fact) => names.hasFact(fact) || added.includes(fact)),
    period: (table ?? spec.destination.s3 ?? spec.destination.file)?.partitionBy,
  };
}

/** Lines of JSON show a field that nothing computes with as it came: what was inferred is not held against it. */
function asShown(field: PlannedField, format: RowPlan['rowFormat']): PlannedField {
  if (format !== 'ndjson' || !field.isInferred || field.isUsed) return field;
  return { ...field, type: 'VARCHAR', isInferred: false };
}

/** Paths find the fields that they are for, and no others: what expressions name beside them would always be null. */
function requireFound({ format, columns }: MappingSpec, names: FieldNames): void {
  if (format.type !== 'json' || format.jsonPaths === undefined) return;
  const found = namesOfPaths(columns);
  const other = names.fields().find(({ name }) => !found.includes(name));
  if (other === undefined) return;
  throw mismatch('format.jsonPaths', `finds ${found.join(', ')}, but not ${other.name}`);
}

async function columnOf(
  { name, expression }: ColumnItem,
  names: FieldNames,
  check: ExpressionCheck,
): Promise<RowColumn> {
  if (expression === undefined) return { name, source: names.useAsColumn(name) };
  const checked: CheckedExpression = await check.check(expression, `columns, ${name}`);
  names.use(checked.names, `columns, ${name}`);
  return { name, source: { kind: 'expression', sql: checked.sql } };
}

import type { FieldTypes } from '#shared/domain/spec/field-types.ts';
import type { TableColumn, TableShape } from '#shared/domain/spec/table-shape.ts';
import { mismatch } from './check-expression.ts';
import type { FieldNames } from './field-names.ts';
import type { RowColumn } from './row-plan.ts';
import { quoteName } from './sql-text.ts';

/** What {@link fitTable} sees columns beside. */
interface FitTableOptions {
  readonly table: TableShape;
  /** Of the value's fields. */
  readonly types: FieldTypes;
  readonly names: FieldNames;
}

/**
 * Columns as a table has them: each is of the table's type, by a cast where it comes from elsewhere. The table's other
 * columns are null.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH for a column that the table has not, or whose type cannot be written, and when
 * one is left out that must not be null
 */
export function fitTable(columns: readonly RowColumn[], options: FitTableOptions): RowColumn[] {
  const { table } = options;
  const missing = table.columns.find(
    ({ name, isRequired }) => isRequired && !columns.some((column) => column.name === name),
  );
  if (missing) {
    throw mismatch('columns', `must have ${missing.name}, which must not be null in the table`);
  }
  return columns.map((column) => {
    const target = table.columns.find(({ name }) => name === column.name);
    if (target === undefined) {
      const all = table.columns.map(({ name }) => name).join(', ');
      throw mismatch('columns', `the table has no ${column.name}, only ${all}`);
    }
    return fitColumn(column, target, options);
  });
}

function fitColumn(
  { name, source }: RowColumn,
  { type, told, ...target }: TableColumn,
  { types, names }: FitTableOptions,
): RowColumn {
  const place = `columns, ${name}`;
  if (type === undefined) {
    throw mismatch(place, `is ${told} in the table, which cannot be written: leave it out`);
  }
  // Names of our own begin so: the table would get our values instead of the field's.
  if (name.startsWith(' ')) {
    throw mismatch(place, 'begins with a blank, and cannot be written: leave it out');
  }
  const fitted = { name, table: target };
  switch (source.kind) {
    case 'expression':
      return { ...fitted, source: { ...source, sql: `cast(${source.sql} as ${type})` } };
    case 'metadata':
      return {
        ...fitted,
        source: { kind: 'expression', sql: `cast(${source.column} as ${type})` },
      };
    case 'field':
      if (types[source.field] === type) return { ...fitted, source };
      if (type === 'BLOB') {
        const hint = `${name} = from_base64(${name})`;
        throw mismatch(place, `is ${told} in the table: say what its text holds, e.g. ${hint}`);
      }
      names.use([source.field], place);
      return {
        ...fitted,
        source: { kind: 'expression', sql: `cast(${quoteName(source.field)} as ${type})` },
      };
  }
}

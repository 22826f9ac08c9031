import { lossSql, misfitSql } from './casts.ts';
import type { PlannedField } from './planned-field.ts';
import type { RowColumn, RowPlan } from './row-plan.ts';
import type { SpoolLayout } from './spool-layout.ts';
import { quoteName } from './sql-text.ts';

/** What makes a row bad. */
export interface RowFaultKind {
  readonly column: string;
  readonly reason: string;
  /** What fails for such a row, when it does not lose something only. */
  readonly sql?: string | undefined;
}

/**
 * What makes rows bad, as a `case` that numbers it from 1.
 *
 * A row that the filter leaves out is not looked at further, so that it may be of another shape; but the filter
 * must have seen true values.
 */
export function faultCase(
  plan: RowPlan,
  layout: SpoolLayout,
  typeOf: ReadonlyMap<string, string>,
): { sql: string; kinds: RowFaultKind[] } {
  const kinds: RowFaultKind[] = [];
  const branches: string[] = [];
  const blame = (condition: string, kind: RowFaultKind) => {
    kinds.push(kind);
    branches.push(`when ${condition} then ${kinds.length}`);
  };
  const blameField = ({ name, type, isInferred }: PlannedField) => {
    const n = layout.cells.findIndex((cell) => cell.kind !== 'whole' && cell.field === name);
    const text = `" t${n}"`;
    const value = quoteName(name);
    const loss = isInferred ? misfitSql(text, value, type) : lossSql(text, value, type);
    const reason = `cannot be read as ${type} without loss${isInferred ? ', the type that was inferred' : ''}`;
    if (loss) blame(loss, { column: name, reason, sql: `cast(${text} as ${type})` });
  };
  for (const field of plan.fields) if (field.isOfWhere) blameField(field);
  if (plan.where !== undefined) {
    const reason = 'where cannot be computed';
    blame('" w" is null', { column: 'where', reason, sql: plan.where });
    branches.push('when " w".v is not true then null');
  }
  for (const field of plan.fields) if (!field.isOfWhere) blameField(field);
  for (const [i, { name, source }] of (plan.columns ?? []).entries()) {
    if (source.kind !== 'expression') continue;
    blame(`" e${i}" is null`, { column: name, reason: 'cannot be computed', sql: source.sql });
  }
  for (const { condition, ...kind } of tableFaults(plan, typeOf)) blame(condition, kind);
  for (const [i, column] of (plan.columns ?? []).entries()) {
    const type = typeOf.get(column.name) ?? '';
    if (plan.rowFormat !== 'ndjson' || !/FLOAT|DOUBLE/.test(type)) continue;
    const value = valueSql(column, i);
    const reason = 'is a number that JSON does not have';
    blame(notFinite(value, type), { column: column.name, reason });
  }
  const sql = branches.length > 0 ? `case ${branches.join(' ')} end` : 'null::integer';
  return { sql, kinds };
}

/** What a table that says its columns itself does not take. */
function tableFaults(
  plan: RowPlan,
  typeOf: ReadonlyMap<string, string>,
): (RowFaultKind & { readonly condition: string })[] {
  return (plan.columns ?? []).flatMap((column, i) => {
    const { name, table } = column;
    if (table === undefined) return [];
    const value = valueSql(column, i);
    const faults = [];
    if (table.isRequired) {
      const reason = 'is null, which the table does not allow';
      faults.push({ column: name, condition: `${value} is null`, reason });
    }
    if (name === plan.period?.column) {
      // A reader that looks for a date would not look among the rows without one.
      const isNear = `coalesce(year(${value}) between 1 and 9999, false)`;
      const condition = `${value} is not null and not ${isNear}`;
      faults.push({ column: name, condition, reason: 'is not of the years 1 to 9999' });
    } else if (/^(DATE|TIMESTAMP)/.test(typeOf.get(name) ?? '')) {
      const reason = 'is infinite, which the table does not have';
      faults.push({ column: name, condition: `not isfinite(${value})`, reason });
    } else if (typeOf.get(name) === 'TIME') {
      // To the engine 24:00:00 is one. Iceberg's own reader fails on it, so nobody could read the table's file.
      const reason = 'is no time of a day';
      faults.push({ column: name, condition: `${value} >= time '24:00:00'`, reason });
    }
    return faults;
  });
}

/** Infinity and NaN, which the engine would write as such. */
function notFinite(value: string, type: string): string {
  if (type === 'FLOAT' || type === 'DOUBLE') return `not isfinite(${value})`;
  const text = `regexp_replace(to_json(${value})::varchar, '"(\\\\.|[^"\\\\])*"', '', 'g')`;
  return `regexp_matches(${text}, 'NaN|Infinity')`;
}

/** A column's value. */
export function valueSql({ source }: RowColumn, i: number): string {
  switch (source.kind) {
    case 'field':
      return quoteName(source.field);
    case 'metadata':
      return source.column;
    case 'expression':
      return `" e${i}".v`;
  }
}

import { mismatch } from './check-expression.ts';
import { valueSql } from './fault-case.ts';
import type { RowPlan } from './row-plan.ts';
import { quoteName } from './sql-text.ts';

/** Types with a date in them; those with a zone are an instant. The engine's time zone is UTC. */
const DATED = /^(DATE$|TIMESTAMP)/;

/**
 * When a row's period begins, in epoch ms; NULL for a date that is missing, infinite or not of the years 1 to 9999, which
 * are those that every reader of names like `year=2026` understands.
 *
 * @param typeOf types of columns
 * @returns nothing for a plan that does not ask for it
 * @throws {LoadFailure} SCHEMA_MISMATCH for a column that has no date in it
 */
export function periodSql(
  { period, columns, fields }: RowPlan,
  typeOf: ReadonlyMap<string, string>,
): string | undefined {
  if (period === undefined) return undefined;
  const isIt = ({ name }: { readonly name: string }) =>
    name.toLowerCase() === period.column.toLowerCase();
  const i = columns?.findIndex(isIt) ?? -1;
  const column = columns?.[i];
  const field = columns ? undefined : fields.find(isIt);
  const type = (column ? typeOf.get(column.name) : field?.type) ?? 'not there';
  if (!DATED.test(type)) {
    const fault = `must be DATE, TIMESTAMP or TIMESTAMPTZ, it is ${type}`;
    throw mismatch(`partitionBy, ${period.column}`, fault);
  }
  const value = column ? valueSql(column, i) : quoteName(field?.name ?? period.column);
  const start = `epoch_ms(date_trunc('${period.unit}', try_cast(${value} as timestamp)))`;
  return `case when year(${value}) between 1 and 9999 then ${start} end`;
}

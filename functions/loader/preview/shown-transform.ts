import type { RowPlan } from '../transform/row-plan.ts';
import { quoteName, quoteText } from '../transform/sql-text.ts';
import { jsonOf, LINES } from '../transform/statements.ts';
import type { Transform } from '../transform/transform.ts';

/**
 * A transform whose rows can be looked at: each stands behind the partition and the offset of its record, Parquet's come
 * as JSON, no line of names comes first, and rows of several periods come together. What a row is, and which are bad,
 * stays as it was.
 */
export function shownTransform(transform: Transform): Transform {
  const { plan } = transform;
  const isCsv = plan.rowFormat === 'csv';
  const rows = isCsv ? csvRows(plan) : `concat(" p", ' ', " o", ' ', ${jsonRow(transform)})`;
  const options = isCsv ? 'format csv, header false' : LINES;
  const good = 'from chunk where " fault" is null and " keep"';
  return {
    ...transform,
    plan: { ...plan, rowFormat: isCsv ? 'csv' : 'ndjson', period: undefined },
    statements: {
      ...transform.statements,
      copy: (file) => `copy (select ${rows} ${good}) to ${quoteText(file)} (${options})`,
    },
  };
}

/** A row as {@link shownTransform} writes it: `0 12 {"a":1}`, or `0,12,1` in CSV. */
export const OWNED_ROW = /^(\d+)[ ,](\d+)[ ,]/;

function csvRows({ columns = [] }: RowPlan): string {
  return ['" p"', '" o"', ...columns.map(({ name }) => quoteName(name))].join(', ');
}

function jsonRow({ plan, types }: Transform): string {
  if (plan.rowFormat === 'ndjson') return 'line';
  const fields = (plan.columns ?? []).map(({ name }, i) => {
    const value = jsonOf(quoteName(name), types.get(name) ?? '');
    const before = `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    return `${quoteText(before)}, coalesce(${value}, 'null')`;
  });
  return `concat(${fields.join(', ')}, '}')`;
}

import { quoteName, quoteText } from '../transform/sql-text.ts';
import { jsonOf, LINES } from '../transform/statements.ts';
import type { Transform } from '../transform/transform.ts';

/**
 * A transform whose rows can be looked at: Parquet's come as lines of JSON, no line of names comes first, and rows of
 * several periods come together. What a row is, and which are bad, stays as it was.
 */
export function shownTransform(transform: Transform): Transform {
  const { plan } = transform;
  const together = { ...plan, header: false, period: undefined };
  if (plan.rowFormat !== 'parquet') return { ...transform, plan: together };
  return {
    ...transform,
    plan: { ...together, rowFormat: 'ndjson' },
    statements: { ...transform.statements, copy: (file) => copyAsJson(transform, file) },
  };
}

function copyAsJson({ plan, types }: Transform, file: string): string {
  const fields = (plan.columns ?? []).map(({ name }, i) => {
    const value = jsonOf(quoteName(name), types.get(name) ?? '');
    const before = `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    return `${quoteText(before)}, coalesce(${value}, 'null')`;
  });
  const line = `concat(${fields.join(', ')}, '}')`;
  return `copy (select ${line} from chunk where " fault" is null and " keep") to ${quoteText(file)} (${LINES})`;
}

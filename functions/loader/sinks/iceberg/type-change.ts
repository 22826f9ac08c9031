import type { SchemaField } from './table-state.ts';

/** Types that readers take for a wider one: https://iceberg.apache.org/spec/#schema-evolution */
const WIDER: Readonly<Record<string, string>> = { int: 'long', float: 'double' };

const DECIMAL = /^decimal\((\d+), *(\d+)\)$/;

/**
 * A column that cannot be read any more from files that were written by another schema. Other columns of the same
 * number are promised to fit, but a table that is created anew in place of itself gives numbers by names.
 */
export function unreadableColumn(
  written: readonly SchemaField[],
  now: readonly SchemaField[],
): SchemaField | undefined {
  return written.find((field) => {
    const current = now.find(({ id }) => id === field.id);
    return current !== undefined && !canRead(field.type, current.type);
  });
}

function canRead(written: SchemaField['type'], now: SchemaField['type']): boolean {
  // What is nested is in none of our files.
  if (typeof written !== 'string') return true;
  if (written === now || WIDER[written] === now) return true;
  const [, precision, scale] = DECIMAL.exec(written) ?? [];
  const [, wider, same] = DECIMAL.exec(String(now)) ?? [];
  return scale !== undefined && scale === same && Number(precision) <= Number(wider);
}

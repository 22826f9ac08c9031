import type { Item, Value } from './tables.ts';

/** The same object without its absent fields, at any depth: DynamoDB has no `undefined`. */
export function compact(value: object): Item {
  const kept: Record<string, Value> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    kept[name] = isPlainObject(field) ? compact(field) : field;
  }
  return kept;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

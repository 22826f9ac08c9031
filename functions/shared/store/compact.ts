import type { Item, Value } from './tables.ts';

/** The same object without its absent fields, at any depth: DynamoDB has no `undefined`. */
export function compact(value: object): Item {
  const kept: Record<string, Value> = {};
  // Not `for in`: its assumption about an object's shape fails here for ever, and V8 compiles anew each time.
  for (const name of Object.keys(value)) {
    const field = (value as Readonly<Record<string, Value | undefined>>)[name];
    if (field === undefined) continue;
    kept[name] = isPlainObject(field) ? compact(field) : field;
  }
  return kept;
}

/** Whether a value is an object literal: no list, no Map, no instance of a class. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

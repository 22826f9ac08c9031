import { isPlainObject } from './compact.ts';
import type { Value } from './tables.ts';

/**
 * Facts that go with an event, of whatever kind, as values that can be stored: a fact that is awkward must
 * never keep an event from being written down.
 */
export function storeFacts(facts: Readonly<Record<string, unknown>>): Record<string, Value> {
  return storeEntries(Object.entries(facts));
}

function storeEntries(entries: Iterable<readonly [unknown, unknown]>): Record<string, Value> {
  const stored: Record<string, Value> = {};
  for (const [name, fact] of entries) {
    if (fact !== undefined && fact !== null) stored[String(name)] = storeFact(fact);
  }
  return stored;
}

function storeFact(fact: unknown): Value {
  if (typeof fact === 'string' || typeof fact === 'boolean') return fact;
  if (typeof fact === 'number') return Number.isFinite(fact) ? fact : String(fact);
  if (Array.isArray(fact) || fact instanceof Set) {
    return [...fact].filter((part) => part !== undefined && part !== null).map(storeFact);
  }
  if (fact instanceof Map) return storeEntries(fact);
  if (fact instanceof Error) return fact.message;
  if (isPlainObject(fact)) return storeEntries(Object.entries(fact));
  return String(fact);
}

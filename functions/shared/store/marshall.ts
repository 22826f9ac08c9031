import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isPlainObject } from './compact.ts';
import type { Item, Value } from './tables.ts';

/** Between the store's plain values and DynamoDB's typed ones; only the kinds that the store uses. */

/**
 * A value as DynamoDB takes it.
 *
 * @throws {TypeError} for what it has no type for, e.g. a bigint or a Map: as an empty map it would be lost unnoticed
 */
export function marshallValue(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(marshallValue) };
  if (!isPlainObject(value)) {
    throw new TypeError(
      `strings, numbers, booleans, lists and plain objects are stored, got ${typeof value} ${value}`,
    );
  }
  return { M: marshall(value as Item) };
}

/** An item as DynamoDB takes it. */
export function marshall(item: Item): Record<string, AttributeValue> {
  const marshalled: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(item)) marshalled[name] = marshallValue(value);
  return marshalled;
}

/** An item as DynamoDB gives it. @throws {TypeError} for a type that the store never writes */
export function unmarshall(item: Record<string, AttributeValue>): Item {
  const plain: Record<string, Value> = {};
  for (const [name, value] of Object.entries(item)) plain[name] = unmarshallValue(value);
  return plain;
}

function unmarshallValue(value: AttributeValue): Value {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(unmarshallValue);
  if (value.M !== undefined) return unmarshall(value.M);
  throw new TypeError(`attribute types S, N, BOOL, L and M are stored, got ${Object.keys(value)}`);
}

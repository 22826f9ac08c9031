import type { Condition, Item, Key, Test, Value, Write } from '#shared/store/tables.ts';

/**
 * How DynamoDB treats one item: sizes, conditions and updates, on frozen plain values. Measured against
 * DynamoDB Local 3.3.1; the contract tests hold both to the same answers.
 */

/** DynamoDB's limit for one item, attribute names included. */
const MAX_ITEM_BYTES = 409_600;

/** The largest magnitude of a DynamoDB number, rounded down to a double. */
const MAX_NUMBER = 9.9e125;

/** A request that DynamoDB refuses whatever the tables hold: a mistake of the caller's. */
export class RequestRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValidationException';
  }
}

/** An item as it is kept: frozen all the way down, with its size. */
export interface Kept {
  readonly item: Item;
  readonly bytes: number;
}

/** Sizes of nested values that are frozen already; an update keeps most of them. */
const knownSizes = new WeakMap<object, number>();

/**
 * The item under its key, frozen and measured. Nested values are frozen where they are, not copied:
 * whoever changes one after writing it gets a TypeError.
 *
 * @throws {RequestRefused} for a value that DynamoDB does not take, or an item that is too large
 */
export function keep(key: Key, item: Item): Kept {
  const kept = { ...item, pk: key.pk, sk: key.sk };
  const bytes = measureFields(kept);
  if (bytes > MAX_ITEM_BYTES) {
    throw new RequestRefused(`an item must be at most ${MAX_ITEM_BYTES} bytes, got ${bytes}`);
  }
  return { item: Object.freeze(kept), bytes };
}

/** The same without a look at sizes and kinds of values, and not frozen: several times faster, for simulations. */
export function keepUnmeasured(key: Key, item: Item): Kept {
  const isWhole = item.pk === key.pk && item.sk === key.sk;
  return { item: isWhole ? item : { ...item, pk: key.pk, sk: key.sk }, bytes: 0 };
}

function measureFields(fields: Item): number {
  let bytes = 0;
  for (const name in fields) bytes += utf8Length(name) + measure(fields[name] as Value);
  return bytes;
}

function measure(value: Value): number {
  if (typeof value === 'string') return utf8Length(value);
  if (typeof value === 'number') return measureNumber(value);
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'object' && value !== null) return measureNested(value);
  throw new RequestRefused(`a value must be a string, number, boolean, list or map, got ${value}`);
}

function measureNested(value: object): number {
  const known = knownSizes.get(value);
  if (known !== undefined) return known;
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const element of value) bytes += 1 + measure(element);
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new RequestRefused(`a map must be a plain object, got ${value.constructor.name}`);
    }
    bytes += Object.keys(value).length + measureFields(value as Item);
  }
  knownSizes.set(Object.freeze(value), bytes);
  return bytes;
}

function measureNumber(value: number): number {
  if (!(Math.abs(value) <= MAX_NUMBER)) {
    throw new RequestRefused(`a number must be finite and at most ${MAX_NUMBER}, got ${value}`);
  }
  const digits = String(Math.abs(value)).replace(/\.|e.*$/, '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}

function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Whether all tests hold for the item as it stands. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  return condition.every((test) => holdsOne(test, item));
}

function holdsOne(test: Test, item: Item | undefined): boolean {
  const found = item?.[test.attribute];
  switch (test.is) {
    case 'absent':
      return found === undefined;
    case 'present':
      return found !== undefined;
    case 'equal':
      return found === test.value;
    case 'at-most':
      return typeof found === typeof test.value && (found as string | number) <= test.value;
    case 'one-of':
      return typeof found === 'string' && test.values.includes(found);
  }
}

type Update = Extract<Write, { kind: 'update' }>;

/** Passes when an update may be asked for, whatever the item. @throws {RequestRefused} */
export function checkUpdate({ set = {}, remove = [], add = {} }: Update): void {
  const names = [...Object.keys(set), ...remove, ...Object.keys(add)];
  if (names.length === 0) throw new RequestRefused('an update must change something');
  if (new Set(names).size !== names.length) {
    throw new RequestRefused(`an update must name an attribute once, got ${names.join(', ')}`);
  }
  if (names.includes('pk') || names.includes('sk')) {
    throw new RequestRefused('an update must not change the key');
  }
}

/** Passes when an update gives only values that DynamoDB takes. @throws {RequestRefused} */
export function checkValues({ set = {}, add = {} }: Update): void {
  measureFields(set);
  measureFields(add);
}

/** The fields after an update; of a missing item, those that the update gives it. */
export function updated({ set = {}, remove = [], add = {} }: Update, old: Item | undefined): Item {
  const fields: Record<string, Value> =
    remove.length > 0 ? lessThan(old, remove, set) : { ...old, ...set };
  for (const name of Object.keys(add)) {
    const before = fields[name] ?? 0;
    if (typeof before !== 'number') {
      throw new RequestRefused(`only to a number can be added, ${name} is a ${typeof before}`);
    }
    fields[name] = before + (add[name] ?? 0);
  }
  return fields;
}

/** Left out instead of deleted: an object that something was deleted from is slow for ever after. */
function lessThan(old: Item | undefined, remove: readonly string[], set: Item) {
  const fields: Record<string, Value> = {};
  for (const name of Object.keys(old ?? {})) {
    if (!remove.includes(name)) fields[name] = old?.[name] as Value;
  }
  return Object.assign(fields, set);
}

/** Whether two values are the same all the way down: a write that changes nothing makes no stream record. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  let left = 0;
  for (const name of Object.keys(a)) {
    if (!sameValue((a as Item)[name], (b as Item)[name])) return false;
    left += 1;
  }
  return left === Object.keys(b).length;
}

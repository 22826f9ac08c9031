import type { Item } from './tables.ts';

/**
 * A decoder that decodes a frozen item once. Tables in memory freeze the items that they keep and hand the
 * same one out until it changes; nothing else freezes them, so items from DynamoDB are decoded each time.
 */
export function decodeOnce<T extends object>(decode: (item: Item) => T): (item: Item) => T {
  const known = new WeakMap<Item, T>();
  return (item) => {
    if (!Object.isFrozen(item)) return decode(item);
    let decoded = known.get(item);
    if (decoded === undefined) {
      decoded = decode(item);
      known.set(item, decoded);
    }
    return decoded;
  };
}

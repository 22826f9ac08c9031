import type { Item } from './tables.ts';

/**
 * A decoder that decodes an item once: items are never changed, only replaced. It pays where the same item is
 * seen again, as the tables in memory hand it out until it is replaced.
 */
export function decodeOnce<T extends object>(decode: (item: Item) => T): (item: Item) => T {
  const known = new WeakMap<Item, T>();
  return (item) => {
    let decoded = known.get(item);
    if (decoded === undefined) {
      decoded = decode(item);
      known.set(item, decoded);
    }
    return decoded;
  };
}

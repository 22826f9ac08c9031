import {
  INDEXES,
  type IndexName,
  type Item,
  type TableName,
  type Write,
} from '#shared/store/tables.ts';
import { RequestRefused } from './memory-item.ts';

/** The sparse indexes of the tables in memory: rows of keys only, sorted by range. */

/** Attribute types of the indexes' keys, as infra defines them. */
const RANGE_TYPES: Readonly<Record<IndexName, 'number' | 'string'>> = {
  active: 'number',
  live: 'number',
  listed: 'string',
};

const INDEX_NAMES = Object.keys(INDEXES) as IndexName[];

/** Rows by index and hash value. */
export type Indexes = ReadonlyMap<IndexName, Map<string, readonly Item[]>>;

/** Empty indexes. */
export function makeIndexes(): Indexes {
  return new Map(INDEX_NAMES.map((index) => [index, new Map()]));
}

/** Indexes with the same rows, to go on by themselves: lists of rows are never changed, only replaced. */
export function forkIndexes(indexes: Indexes): Indexes {
  const fork = new Map<IndexName, Map<string, readonly Item[]>>();
  for (const [index, byHash] of indexes) fork.set(index, new Map(byHash));
  return fork;
}

/** Passes when what a write gives to index attributes has the types of the indexes' keys. */
export function checkIndexKeys(write: Write): void {
  if (hasIndexKeys(write)) return;
  throw new RequestRefused('index keys must have their types and must not be empty');
}

/** Whether it has. */
export function hasIndexKeys(write: Write): boolean {
  const given = write.kind === 'put' ? write.item : write.kind === 'update' ? write.set : undefined;
  if (!given) return true;
  return INDEX_NAMES.every((index) => {
    const { table, hash, range } = INDEXES[index];
    if (table !== write.key.table) return true;
    return isKey(given[hash], 'string') && isKey(given[range], RANGE_TYPES[index]);
  });
}

function isKey(value: unknown, type: 'number' | 'string'): boolean {
  return value === undefined || (typeof value === type && value !== '');
}

/** Moves an item's rows from what it was to what it is. */
export function reindex(
  indexes: Indexes,
  table: TableName,
  change: { readonly old: Item | undefined; readonly now: Item | undefined },
): void {
  for (const index of INDEX_NAMES) {
    const { table: of, hash, range } = INDEXES[index];
    if (of !== table) continue;
    const { old, now } = change;
    if (old?.[hash] === now?.[hash] && old?.[range] === now?.[range]) continue;
    const before = old && rowOf(index, old);
    const after = now && rowOf(index, now);
    if (before) removeRow(indexes, index, before);
    if (after) addRow(indexes, index, after);
  }
}

function rowOf(index: IndexName, item: Item): Item | undefined {
  const { hash, range } = INDEXES[index];
  const [hashValue, rangeValue, pk, sk] = [item[hash], item[range], item.pk, item.sk];
  if (hashValue === undefined || rangeValue === undefined) return undefined;
  return Object.freeze({ pk: pk ?? '', sk: sk ?? '', [hash]: hashValue, [range]: rangeValue });
}

/** Order of an index's rows: by range; DynamoDB promises nothing for equal ones, here the key decides. */
export function compareRows(index: IndexName, a: Item, b: Item): number {
  const { range } = INDEXES[index];
  return compare(a[range], b[range]) || compare(a.pk, b.pk) || compare(a.sk, b.sk);
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  return (a as string) < (b as string) ? -1 : 1;
}

/** The place of the first row that is not before `row`. */
function placeOf(index: IndexName, rows: readonly Item[], row: Item): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRows(index, rows[middle] as Item, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addRow(indexes: Indexes, index: IndexName, row: Item): void {
  const byHash = indexes.get(index) as Map<string, readonly Item[]>;
  const hash = String(row[INDEXES[index].hash]);
  const rows = byHash.get(hash) ?? [];
  byHash.set(hash, rows.toSpliced(placeOf(index, rows, row), 0, row));
}

function removeRow(indexes: Indexes, index: IndexName, row: Item): void {
  const byHash = indexes.get(index) as Map<string, readonly Item[]>;
  const hash = String(row[INDEXES[index].hash]);
  const rows = byHash.get(hash) ?? [];
  byHash.set(hash, rows.toSpliced(placeOf(index, rows, row), 1));
}

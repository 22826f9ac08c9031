import type { IndexName, Item, Key, TableName, Write } from '#shared/store/tables.ts';
import { forkIndexes, type Indexes, makeIndexes, reindex } from './memory-index.ts';
import { type Kept, RequestRefused, sameValue } from './memory-item.ts';

/** What the tables in memory hold, and how it is put aside and brought back. */

/** One item that changed, as a stream shows it. */
export interface ItemChange {
  readonly key: Key;
  readonly old: Item | undefined;
  readonly now: Item | undefined;
}

/** Tables at one moment. Nobody changes what is in it, so that any number of tables may go on from it. */
export interface MemorySnapshot {
  readonly tables: MemoryState['tables'];
  readonly indexes: Indexes;
}

/** The items of one pk, by sk, and the sks in their order. */
interface Partition {
  readonly sks: string[];
  readonly kept: Map<string, Kept>;
}

/** The state of one set of tables. */
export interface MemoryState {
  tables: Readonly<Record<TableName, Map<string, Partition>>>;
  indexes: Indexes;
  /** Partitions that no snapshot shares: only these may be changed, others are copied first. */
  owned: Set<Partition>;
  readonly tokens: Map<string, { readonly writes: readonly Write[]; readonly at: number }>;
  readonly onChange: ((change: ItemChange) => void) | undefined;
}

/** Empty tables. */
export function makeState(onChange: MemoryState['onChange']): MemoryState {
  return {
    tables: { jobs: new Map(), tasks: new Map() },
    indexes: makeIndexes(),
    owned: new Set(),
    tokens: new Map(),
    onChange,
  };
}

/** All that the tables hold now, shared with them until they change it. */
export function takeSnapshot(state: MemoryState): MemorySnapshot {
  state.owned = new Set();
  return fork(state);
}

/** Puts the tables where they were. Costs as much as there are jobs; items and partitions are shared. */
export function restoreSnapshot(state: MemoryState, snapshot: MemorySnapshot): void {
  Object.assign(state, fork(snapshot));
  state.owned = new Set();
  state.tokens.clear();
}

function fork({ tables, indexes }: MemorySnapshot): MemorySnapshot {
  return {
    tables: { jobs: new Map(tables.jobs), tasks: new Map(tables.tasks) },
    indexes: forkIndexes(indexes),
  };
}

/** The item under a key. @throws {RequestRefused} for an empty key */
export function find({ tables }: Pick<MemoryState, 'tables'>, key: Key): Kept | undefined {
  if (key.pk === '' || key.sk === '') throw new RequestRefused('a key must not be empty');
  return tables[key.table].get(key.pk)?.kept.get(key.sk);
}

/** All items of a table, by pk as they were first written, then by sk. */
export function allItems({ tables }: Pick<MemoryState, 'tables'>, table: TableName): Item[] {
  return [...tables[table].values()].flatMap(({ sks, kept }) =>
    sks.map((sk) => (kept.get(sk) as Kept).item),
  );
}

/** Whether an item has ever stood in an index under this hash. */
export function hasHeld(state: MemoryState, index: IndexName, hash: string): boolean {
  return state.indexes.get(index)?.has(hash) === true;
}

/** Puts an item, or none, under a key, and tells whoever listens when that changed anything. */
export function store(state: MemoryState, key: Key, now: Kept | undefined): void {
  const partition = ownPartition(state, key);
  const old = partition.kept.get(key.sk);
  if (now && !old) partition.sks.splice(placeOfKey(partition.sks, key.sk), 0, key.sk);
  if (old && !now) partition.sks.splice(placeOfKey(partition.sks, key.sk), 1);
  if (now) partition.kept.set(key.sk, now);
  else partition.kept.delete(key.sk);
  reindex(state.indexes, key.table, { old: old?.item, now: now?.item });
  if (state.onChange && !sameValue(old?.item, now?.item)) {
    state.onChange({ key, old: old?.item, now: now?.item });
  }
}

function ownPartition(state: MemoryState, { table, pk }: Key): Partition {
  const known = state.tables[table].get(pk);
  if (known && state.owned.has(known)) return known;
  const mine = known
    ? { sks: [...known.sks], kept: new Map(known.kept) }
    : { sks: [], kept: new Map<string, Kept>() };
  state.tables[table].set(pk, mine);
  state.owned.add(mine);
  return mine;
}

/** The place of the first sort key that is not before `sk`. */
export function placeOfKey(sks: readonly string[], sk: string): number {
  const last = sks.at(-1);
  if (last === undefined || last < sk) return sks.length;
  let [low, high] = [0, sks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sks[middle] as string) < sk) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { IndexName, Item, TableName, Tables } from '#shared/store/tables.ts';
import { queryPartition, queryRows } from './memory-queries.ts';
import {
  allItems,
  find,
  hasHeld,
  type ItemChange,
  type MemorySnapshot,
  makeState,
  restoreSnapshot,
  takeSnapshot,
} from './memory-state.ts';
import { writeAll, writeOne } from './memory-writes.ts';

/**
 * The {@link Tables} in memory, with DynamoDB's semantics and none of its waiting: a call takes effect at
 * once, before its promise is handed out. Deterministic, and fast because items are frozen, not copied.
 * Keys are taken to be ASCII, as the store's are.
 */

export interface MemoryTablesOptions {
  /** Epoch ms, for the ten minutes for which a transaction's token is remembered. @default time stands still */
  readonly now?: () => number;
  /** Whether requests, and the sizes and kinds of values, are checked as DynamoDB does. @default true */
  readonly measures?: boolean;
  /** Told of every change of an item, in order, like a stream: a write that changes nothing is none. */
  readonly onChange?: (change: ItemChange) => void;
}

/** {@link Tables} that can be looked into. */
export interface MemoryTables extends Tables {
  /** All items of a table, by pk as they were first written, then by sk. */
  items(table: TableName): Item[];
  /** Whether an item has ever stood in an index under this hash: where not, a look shows nothing. */
  hasHeld(index: IndexName, hash: string): boolean;
  /** All that the tables hold now. Items are shared, not copied: nobody changes them. */
  snapshot(): MemorySnapshot;
  /** Puts the tables where they were, without telling `onChange`; tokens of transactions are forgotten. */
  restore(snapshot: MemorySnapshot): void;
}

/** New, empty tables. */
export function makeMemoryTables(options: MemoryTablesOptions = {}): MemoryTables {
  const state = makeState(options.onChange);
  const { now = () => 0, measures = true } = options;
  const writing = { state, now, measures };
  return {
    get: async (key) => find(state, key)?.item,
    query: async (table, pk, query = {}) => queryPartition(state, { ...query, table, pk }),
    queryIndex: async (index, hash, query = {}) => queryRows(state, { ...query, index, hash }),
    write: async (write) => writeOne(writing, write),
    transact: async (writes, token) => writeAll(writing, writes, token),
    items: (table) => allItems(state, table),
    hasHeld: (index, hash) => hasHeld(state, index, hash),
    snapshot: () => takeSnapshot(state),
    restore: (snapshot) => restoreSnapshot(state, snapshot),
  };
}

import {
  INDEXES,
  type IndexName,
  InvalidCursor,
  type Item,
  type Key,
  type Page,
  type TableName,
  type Tables,
  type TransactionOutcome,
  type Write,
  type WriteOutcome,
} from '#shared/store/tables.ts';
import {
  checkIndexKeys,
  compareRows,
  copyIndexes,
  hasIndexKeys,
  type Indexes,
  makeIndexes,
  reindex,
} from './memory-index.ts';
import {
  checkUpdate,
  checkValues,
  holds,
  type Kept,
  keep,
  keepUnmeasured,
  RequestRefused,
  sameValue,
  updated,
} from './memory-item.ts';

/**
 * The {@link Tables} in memory, with DynamoDB's semantics and none of its waiting: a call takes effect at
 * once, before its promise is handed out. Deterministic, and fast because items are frozen, not copied.
 * Keys are taken to be ASCII, as the store's are.
 */

const MAX_TRANSACTION_ITEMS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const MAX_PAGE_BYTES = 1024 * 1024;
const TOKEN_LIFE_MS = 600_000;

/** One item that changed, as a stream shows it. */
export interface ItemChange {
  readonly key: Key;
  readonly old: Item | undefined;
  readonly now: Item | undefined;
}

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

/** Tables at one moment. */
export interface MemorySnapshot {
  readonly tables: State['tables'];
  readonly indexes: Indexes;
}

interface Partition {
  readonly sks: string[];
  readonly kept: Map<string, Kept>;
}

interface State {
  tables: Readonly<Record<TableName, Map<string, Partition>>>;
  indexes: Indexes;
  readonly tokens: Map<string, { readonly writes: readonly Write[]; readonly at: number }>;
  readonly options: MemoryTablesOptions;
}

/** New, empty tables. */
export function makeMemoryTables(options: MemoryTablesOptions = {}): MemoryTables {
  const state: State = {
    tables: { jobs: new Map(), tasks: new Map() },
    indexes: makeIndexes(),
    tokens: new Map(),
    options,
  };
  return {
    get: async (key) => find(state, key)?.item,
    query: async (table, pk, query = {}) => queryPartition(state, { ...query, table, pk }),
    queryIndex: async (index, hash, query = {}) => queryRows(state, { ...query, index, hash }),
    write: async (write) => writeOne(state, write),
    transact: async (writes, token) => writeAll(state, writes, token),
    items: (table) =>
      [...state.tables[table].values()].flatMap(({ sks, kept }) =>
        sks.map((sk) => (kept.get(sk) as Kept).item),
      ),
    hasHeld: (index, hash) => state.indexes.get(index)?.has(hash) === true,
    snapshot: () => copyOf(state),
    restore: (snapshot) => {
      Object.assign(state, copyOf(snapshot));
      state.tokens.clear();
    },
  };
}

function copyOf({ tables, indexes }: MemorySnapshot): MemorySnapshot {
  const copy = (table: ReadonlyMap<string, Partition>) => {
    const partitions = new Map<string, Partition>();
    for (const [pk, { sks, kept }] of table) {
      partitions.set(pk, { sks: [...sks], kept: new Map(kept) });
    }
    return partitions;
  };
  return {
    tables: { jobs: copy(tables.jobs), tasks: copy(tables.tasks) },
    indexes: copyIndexes(indexes),
  };
}

function find(state: State, key: Key): Kept | undefined {
  if (key.pk === '' || key.sk === '') throw new RequestRefused('a key must not be empty');
  return state.tables[key.table].get(key.pk)?.kept.get(key.sk);
}

function writeOne(state: State, write: Write): WriteOutcome {
  if (write.kind === 'check') throw new TypeError('a check alone is not a write');
  const measures = state.options.measures !== false;
  if (measures) {
    checkRequest(write);
    if (write.kind === 'put') checkIndexKeys(write);
  }
  const put = write.kind === 'put' ? next(state, write, undefined) : undefined;
  const old = find(state, write.key);
  if (!holds(write.condition, old?.item)) return { applied: false, old: old?.item };
  if (measures) checkIndexKeys(write);
  store(state, write.key, put ?? next(state, write, old));
  return { applied: true };
}

function writeAll(state: State, writes: readonly Write[], token: string): TransactionOutcome {
  if (state.options.measures === false) return writeAllUnmeasured(state, writes, token);
  checkTransaction(writes, token);
  if (isRepetition(state, writes, token)) return { applied: true };
  const puts = writes.map((write) =>
    write.kind === 'put' ? next(state, write, undefined) : undefined,
  );
  const failed = new Set<number>();
  const olds = writes.map((write, i) => {
    const old = find(state, write.key);
    // A faulty index key of a put is found before its own condition, but after those of others.
    const isFaulty = write.kind === 'put' && !hasIndexKeys(write);
    if (!isFaulty && !holds(write.condition, old?.item)) failed.add(i);
    return old;
  });
  if (failed.size > 0) return { applied: false, failed };
  writes.forEach(checkIndexKeys);
  const nexts = writes.map((write, i) => puts[i] ?? next(state, write, olds[i]));
  if (nexts.reduce((bytes, kept) => bytes + (kept?.bytes ?? 0), 0) > MAX_TRANSACTION_BYTES) {
    throw new RequestRefused(`a transaction must be at most ${MAX_TRANSACTION_BYTES} bytes`);
  }
  writes.forEach((write, i) => {
    if (write.kind !== 'check') store(state, write.key, nexts[i]);
  });
  state.tokens.set(token, { writes, at: state.options.now?.() ?? 0 });
  return { applied: true };
}

/** The same in one pass, for writes that need no look at themselves. */
function writeAllUnmeasured(
  state: State,
  writes: readonly Write[],
  token: string,
): TransactionOutcome {
  if (isRepetition(state, writes, token)) return { applied: true };
  const olds: (Kept | undefined)[] = [];
  let failed: Set<number> | undefined;
  for (const [i, write] of writes.entries()) {
    const old = find(state, write.key);
    olds.push(old);
    if (!holds(write.condition, old?.item)) {
      failed ??= new Set();
      failed.add(i);
    }
  }
  if (failed) return { applied: false, failed };
  for (const [i, write] of writes.entries()) {
    if (write.kind !== 'check') store(state, write.key, next(state, write, olds[i]));
  }
  state.tokens.set(token, { writes, at: state.options.now?.() ?? 0 });
  return { applied: true };
}

/** What DynamoDB refuses before it looks at any item. */
function checkRequest(write: Write): void {
  if (write.kind === 'check' && write.condition.length === 0) {
    throw new RequestRefused('a check must have a condition');
  }
  if (write.condition.some((test) => test.is === 'one-of' && test.values.length === 0)) {
    throw new RequestRefused('one-of must have values');
  }
  if (write.kind !== 'update') return;
  checkUpdate(write);
  checkValues(write);
}

function checkTransaction(writes: readonly Write[], token: string): void {
  if (token.length < 1 || token.length > 36) {
    throw new RequestRefused(`a token must have 1-36 characters, got ${token.length}`);
  }
  if (writes.length < 1 || writes.length > MAX_TRANSACTION_ITEMS) {
    throw new RequestRefused(
      `a transaction must have 1-${MAX_TRANSACTION_ITEMS} writes, got ${writes.length}`,
    );
  }
  for (const write of writes) checkRequest(write);
  const keys = new Set(writes.map(({ key }) => `${key.table}\n${key.pk}\n${key.sk}`));
  if (keys.size < writes.length) {
    throw new RequestRefused('a transaction must not name an item twice');
  }
}

/** Tokens are remembered only for transactions that took effect: measured on DynamoDB Local. */
function isRepetition(state: State, writes: readonly Write[], token: string): boolean {
  const earlier = state.tokens.get(token);
  if (!earlier || (state.options.now?.() ?? 0) - earlier.at > TOKEN_LIFE_MS) return false;
  if (earlier.writes !== writes && JSON.stringify(earlier.writes) !== JSON.stringify(writes)) {
    const error = new Error('a token must come with the same writes, got others');
    error.name = 'IdempotentParameterMismatchException';
    throw error;
  }
  return true;
}

function next(state: State, write: Write, old: Kept | undefined): Kept | undefined {
  const kept = state.options.measures === false ? keepUnmeasured : keep;
  switch (write.kind) {
    case 'check':
      return old;
    case 'delete':
      return undefined;
    case 'put':
      return kept(write.key, write.item);
    case 'update':
      return kept(write.key, updated(write, old?.item));
  }
}

function store(state: State, key: Key, now: Kept | undefined): void {
  const table = state.tables[key.table];
  let partition = table.get(key.pk);
  if (!partition) {
    partition = { sks: [], kept: new Map() };
    table.set(key.pk, partition);
  }
  const old = partition.kept.get(key.sk);
  if (now && !old) partition.sks.splice(placeOfKey(partition.sks, key.sk), 0, key.sk);
  if (old && !now) partition.sks.splice(placeOfKey(partition.sks, key.sk), 1);
  if (now) partition.kept.set(key.sk, now);
  else partition.kept.delete(key.sk);
  reindex(state.indexes, key.table, { old: old?.item, now: now?.item });
  const { onChange } = state.options;
  if (onChange && !sameValue(old?.item, now?.item)) {
    onChange({ key, old: old?.item, now: now?.item });
  }
}

/** The place of the first sort key that is not before `sk`. */
function placeOfKey(sks: readonly string[], sk: string): number {
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

interface Query {
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

function queryPartition(
  state: State,
  query: Query & { readonly table: TableName; readonly pk: string; readonly skPrefix?: string },
): Page {
  const { pk, skPrefix = '' } = query;
  const start = readCursor(query.cursor, ['pk', 'sk']);
  if (start && (start.pk !== pk || !String(start.sk).startsWith(skPrefix))) {
    throw new InvalidCursor();
  }
  const { sks, kept } = state.tables[query.table].get(pk) ?? { sks: [], kept: new Map() };
  const found: Kept[] = [];
  for (let i = placeOfKey(sks, skPrefix); sks[i]?.startsWith(skPrefix); i += 1) {
    found.push(kept.get(sks[i] as string) as Kept);
  }
  const wanted = start
    ? found.filter(({ item }) =>
        query.newestFirst ? String(item.sk) < String(start.sk) : String(item.sk) > String(start.sk),
      )
    : found;
  return cut(wanted, query, ({ pk: p = '', sk = '' }) => ({ pk: p, sk }));
}

function queryRows(
  state: State,
  query: Query & { readonly index: keyof typeof INDEXES; hash: string; readonly atMost?: number },
): Page {
  const { index, hash, atMost } = query;
  const { hash: hashName, range } = INDEXES[index];
  if (atMost !== undefined && range === 'pk') {
    throw new RequestRefused(`index ${index} has no numbers to compare ${atMost} with`);
  }
  const start = readCursor(query.cursor, ['pk', 'sk', hashName, range]);
  if (start && start[hashName] !== hash) throw new InvalidCursor();
  const rows = (state.indexes.get(index)?.get(hash) ?? []).filter((row) => {
    if (atMost !== undefined && Number(row[range]) > atMost) return false;
    if (!start) return true;
    const order = compareRows(index, row, start);
    return query.newestFirst ? order < 0 : order > 0;
  });
  return cut(
    rows.map((item) => ({ item, bytes: 100 })),
    query,
    (row) => row,
  );
}

function readCursor(cursor: string | undefined, names: readonly string[]): Item | undefined {
  if (cursor === undefined) return undefined;
  try {
    const start = JSON.parse(cursor) as Item;
    if (names.every((name) => start[name] !== undefined)) return start;
  } catch {
    // Not JSON: as faulty as JSON of another kind.
  }
  throw new InvalidCursor();
}

function cut(sorted: readonly Kept[], query: Query, position: (item: Item) => Item): Page {
  const { limit = Number.POSITIVE_INFINITY } = query;
  if (limit < 1) throw new RequestRefused(`limit must be at least 1, got ${limit}`);
  const items: Item[] = [];
  let bytes = 0;
  for (const { item, bytes: more } of query.newestFirst ? sorted.toReversed() : sorted) {
    bytes += more;
    items.push(item);
    if (items.length === limit || bytes > MAX_PAGE_BYTES) break;
  }
  const last = items.at(-1);
  // Like DynamoDB, a page that is full has a cursor even when nothing follows.
  const more = last && (items.length === limit || items.length < sorted.length);
  return { items, cursor: more ? JSON.stringify(position(last)) : undefined };
}

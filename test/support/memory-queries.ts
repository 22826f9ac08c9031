import {
  INDEXES,
  InvalidCursor,
  type Item,
  type Page,
  type TableName,
} from '#shared/store/tables.ts';
import { compareRows } from './memory-index.ts';
import { type Kept, RequestRefused } from './memory-item.ts';
import { type MemoryState, placeOfKey } from './memory-state.ts';

/** Pages of the tables in memory and of their indexes, cut as DynamoDB cuts them. */

const MAX_PAGE_BYTES = 1024 * 1024;

interface Query {
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

/** A page of the items of one pk. */
export function queryPartition(
  state: MemoryState,
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

/** A page of the rows of an index. */
export function queryRows(
  state: MemoryState,
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

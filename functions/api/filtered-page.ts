import { InvalidCursor } from '#shared/store/tables.ts';
import { decodeCursor, encodeCursor, FAULTY_CURSOR, type Position } from './cursor.ts';
import { invalidRequest } from './problem.ts';

/** Pages out of a list of the store that cannot filter itself. */

/** A list of the store, newest first: each id is smaller than the one before. */
export interface StoredList<T> {
  /** Names the list, with whatever makes it another one, e.g. the job. */
  readonly name: string;
  readonly read: (options: {
    readonly limit: number;
    readonly cursor: string | undefined;
  }) => Promise<{ readonly items: readonly T[]; readonly cursor?: string | undefined }>;
  readonly idOf: (item: T) => string;
  readonly matches: (item: T) => boolean;
}

/** A page as the API shows it: `cursor` is absent exactly at the end. */
export interface ShownPage<T> {
  readonly items: readonly T[];
  readonly cursor?: string | undefined;
}

/** Read from the store for one page at most, so that a filter nothing passes costs a bounded time. */
const MOST_READ = 1_000;

/**
 * The next page. It has fewer entries than asked for, even none, when the filter left that many of
 * {@link MOST_READ} read ones; or when they are large: the store gives at most a megabyte at once, and a hundred
 * such pages would not fit the 6 MB that Lambda takes of an answer. While there is a cursor, there may be more.
 *
 * @throws {ApiProblem} INVALID_REQUEST for a cursor that this list did not give out
 */
export async function filteredPage<T>(
  list: StoredList<T>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<ShownPage<T>> {
  let at: Position | undefined = cursor === undefined ? {} : decodeCursor(list.name, cursor);
  if (at === undefined) throw invalidRequest([FAULTY_CURSOR]);
  const items: T[] = [];
  let last: string | undefined;
  for (let seen = 0; seen < MOST_READ; ) {
    const page: ShownPage<T> = await readPage(list, at, limit + 1);
    for (const item of page.items) {
      seen += 1;
      const id = list.idOf(item);
      if (at.before !== undefined && id >= at.before) continue;
      if (!list.matches(item)) continue;
      if (items.length === limit) {
        return { items, cursor: encodeCursor(list.name, { ...at, before: last }) };
      }
      items.push(item);
      last = id;
    }
    if (page.cursor === undefined) return { items };
    at = { from: page.cursor };
    if (items.length > 0 && page.items.length <= limit) break;
  }
  return { items, cursor: encodeCursor(list.name, at) };
}

async function readPage<T>(
  list: StoredList<T>,
  at: Position,
  limit: number,
): Promise<ShownPage<T>> {
  try {
    return await list.read({ limit, cursor: at.from });
  } catch (error) {
    throw error instanceof InvalidCursor ? invalidRequest([FAULTY_CURSOR]) : error;
  }
}

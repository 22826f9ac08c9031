import type { Item, Key, Tables, Write } from '#shared/store/tables.ts';

/** A key in the jobs table. */
export const job = (sk: string, pk = 'JOB#1'): Key => ({ table: 'jobs', pk, sk });

/** The condition that an item is not there. */
export const ABSENT = [{ attribute: 'pk', is: 'absent' }] as const;

/** An unconditional put. */
export function put(key: Key, fields: Item = {}): Write {
  return { kind: 'put', key, item: { pk: key.pk, sk: key.sk, ...fields }, condition: [] };
}

/** An update that sets fields. */
export function change(key: Key, set: Item, condition: Write['condition'] = []): Write {
  return { kind: 'update', key, set, condition };
}

/** The items of all pages, page by page. */
export async function allPages(
  page: (cursor?: string) => ReturnType<Tables['query']>,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    pages.push([...answer.items]);
    cursor = answer.cursor;
  } while (cursor);
  return pages;
}

/** The sort keys of items. */
export const sks = (items: readonly Item[]) => items.map((item) => item.sk);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filteredPage, type StoredList } from '../../../functions/api/filtered-page.ts';

/** A list of the store over ids that go down, with a cursor that is the place of the next one. */
function storedList(ids: readonly string[], matches: (id: string) => boolean) {
  let read = 0;
  const list: StoredList<string> = {
    name: 'ids',
    read: async ({ limit, cursor }) => {
      const start = Number(cursor ?? 0);
      const items = ids.slice(start, start + limit);
      read += items.length;
      const end = start + limit;
      // DynamoDB gives a cursor also when the page ends exactly at the end.
      return { items, cursor: end <= ids.length ? String(end) : undefined };
    },
    idOf: (id) => id,
    matches,
  };
  return { list, readSoFar: () => read };
}

const idsDown = (n: number) => Array.from({ length: n }, (_, i) => String(n - i).padStart(6, '0'));

test('all pages together hold exactly what matches, once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      async (wanted, limit) => {
        const ids = idsDown(wanted.length);
        const chosen = new Set(ids.filter((_, i) => wanted[i]));
        const { list } = storedList(ids, (id) => chosen.has(id));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await filteredPage(list, { limit, cursor });
          if (page.cursor) expect(page.items).toHaveLength(limit);
          seen.push(...page.items);
          cursor = page.cursor;
        } while (cursor);
        expect(seen).toEqual([...chosen]);
      },
    ),
  );
});

test('a filter that nothing passes ends after a bounded number of reads, with a cursor to go on', async () => {
  const { list, readSoFar } = storedList(idsDown(5_000), () => false);

  const page = await filteredPage(list, { limit: 99 });

  expect(page.items).toEqual([]);
  expect(page.cursor).toBeDefined();
  expect(readSoFar()).toBe(1_000);
});

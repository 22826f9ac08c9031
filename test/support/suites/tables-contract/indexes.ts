import { describe, expect, it } from 'vitest';
import type { MakeTables } from '../make-tables.ts';
import { allPages, change, job, put } from './writes.ts';

/** Sparse indexes. */
export function describeIndexes(make: MakeTables): void {
  describe('sparse indexes', () => {
    const due = (id: string, dueAt: number) =>
      put(job('JOB', id), { activeShard: 'A1', dueAt, spec: 'long' });

    it('hold keys only, of items that have both attributes, by range', async () => {
      const tables = await make();
      await tables.write(due('c', 30));
      await tables.write(due('a', 10));
      await tables.write(due('b', 20));
      await tables.write(put(job('JOB', 'x'), { dueAt: 1 }));
      await tables.write(put(job('JOB', 'y'), { activeShard: 'A1' }));
      await tables.write(put(job('JOB', 'z'), { activeShard: 'A2', dueAt: 1 }));
      const { items } = await tables.queryIndex('active', 'A1');
      expect(items).toEqual([
        { pk: 'a', sk: 'JOB', activeShard: 'A1', dueAt: 10 },
        { pk: 'b', sk: 'JOB', activeShard: 'A1', dueAt: 20 },
        { pk: 'c', sk: 'JOB', activeShard: 'A1', dueAt: 30 },
      ]);
    });

    it('bound the range, page, and turn round', async () => {
      const tables = await make();
      for (const [id, dueAt] of [...'abcde'].map((name, i) => [name, i * 10] as const)) {
        await tables.write(due(id, dueAt));
      }
      const pages = await allPages((cursor) =>
        tables.queryIndex('active', 'A1', {
          atMost: 30,
          newestFirst: true,
          limit: 3,
          ...(cursor && { cursor }),
        }),
      );
      expect(pages.map((page) => page.map((item) => item.pk))).toEqual([['d', 'c', 'b'], ['a']]);
    });

    it('follow an item that moves, loses an attribute, or is deleted', async () => {
      const tables = await make();
      for (const id of ['a', 'b', 'c', 'd']) await tables.write(due(id, 10));
      await tables.write(change(job('JOB', 'a'), { dueAt: 5 }));
      await tables.write({
        kind: 'update',
        key: job('JOB', 'b'),
        remove: ['activeShard'],
        condition: [],
      });
      await tables.write({ kind: 'delete', key: job('JOB', 'c'), condition: [] });
      await tables.write(put(job('JOB', 'd'), { activeShard: 'A2', dueAt: 10 }));
      const first = await tables.queryIndex('active', 'A1');
      expect(first.items).toEqual([{ pk: 'a', sk: 'JOB', activeShard: 'A1', dueAt: 5 }]);
      expect((await tables.queryIndex('active', 'A2')).items).toHaveLength(1);
    });

    it('keep items with equal ranges apart over pages', async () => {
      const tables = await make();
      for (const id of ['a', 'b', 'c', 'd', 'e']) await tables.write(due(id, 10));
      const pages = await allPages((cursor) =>
        tables.queryIndex('active', 'A1', { limit: 2, ...(cursor && { cursor }) }),
      );
      const seen = pages.flat().map((item) => item.pk);
      expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('order the list of jobs by key', async () => {
      const tables = await make();
      for (const id of ['b', 'c', 'a']) {
        await tables.write(put(job('JOB', id), { listed: 'JOBS' }));
      }
      const { items } = await tables.queryIndex('listed', 'JOBS', { newestFirst: true });
      expect(items.map((item) => item.pk)).toEqual(['c', 'b', 'a']);
    });
  });
}

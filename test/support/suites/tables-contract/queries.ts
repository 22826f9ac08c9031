import { describe, expect, it } from 'vitest';
import { InvalidCursor, type Tables } from '#shared/store/tables.ts';
import type { MakeTables } from '../make-tables.ts';
import { allPages, job, put, sks } from './writes.ts';

/** Queries: order, pages, cursors. */
export function describeQueries(make: MakeTables): void {
  describe('queries', () => {
    const inserted = ['LANE#3', 'JOB', 'LANE#1', 'HISTORY#1', 'LANE#2'];
    async function filled(): Promise<Tables> {
      const tables = await make();
      for (const sk of inserted) await tables.write(put(job(sk)));
      await tables.write(put(job('LANE#1', 'JOB#2')));
      return tables;
    }

    it('give the items of one pk in the order of sk', async () => {
      const tables = await filled();
      const { items, cursor } = await tables.query('jobs', 'JOB#1');
      expect(sks(items)).toEqual(['HISTORY#1', 'JOB', 'LANE#1', 'LANE#2', 'LANE#3']);
      expect(cursor).toBeUndefined();
      expect((await tables.query('jobs', 'JOB#9')).items).toEqual([]);
      expect((await tables.query('tasks', 'JOB#1')).items).toEqual([]);
    });

    it('give the newest first, and those with a prefix only', async () => {
      const tables = await filled();
      const { items } = await tables.query('jobs', 'JOB#1', {
        skPrefix: 'LANE#',
        newestFirst: true,
      });
      expect(sks(items)).toEqual(['LANE#3', 'LANE#2', 'LANE#1']);
    });

    it.each([
      ['upwards', false, [['LANE#1', 'LANE#2'], ['LANE#3']]],
      ['downwards', true, [['LANE#3', 'LANE#2'], ['LANE#1']]],
    ] as const)('go on where the page before ended, %s', async (_title, newestFirst, expected) => {
      const tables = await filled();
      const pages = await allPages((cursor) =>
        tables.query('jobs', 'JOB#1', {
          skPrefix: 'LANE#',
          limit: 2,
          newestFirst,
          ...(cursor && { cursor }),
        }),
      );
      expect(pages.map(sks)).toEqual(expected);
    });

    it('give a cursor with a full page even when nothing follows', async () => {
      const tables = await filled();
      const pages = await allPages((cursor) =>
        tables.query('jobs', 'JOB#1', { limit: 5, ...(cursor && { cursor }) }),
      );
      expect(pages.map((page) => page.length)).toEqual([5, 0]);
    });

    it('go on behind an item that was deleted in between', async () => {
      const tables = await filled();
      const first = await tables.query('jobs', 'JOB#1', { skPrefix: 'LANE#', limit: 1 });
      await tables.write({ kind: 'delete', key: job('LANE#1'), condition: [] });
      const rest = await tables.query('jobs', 'JOB#1', {
        skPrefix: 'LANE#',
        cursor: first.cursor ?? '',
      });
      expect(sks(rest.items)).toEqual(['LANE#2', 'LANE#3']);
    });

    it.each([
      ['no JSON', 'nonsense'],
      ['no object', '5'],
      ['null', 'null'],
      ['of another query', '{"pk":"JOB#2","sk":"LANE#1"}'],
      ['without keys', '{"a":"b"}'],
      ['nothing', ''],
    ])('refuse a cursor that is %s', async (_title, cursor) => {
      const tables = await filled();
      await expect(tables.query('jobs', 'JOB#1', { cursor })).rejects.toThrow(InvalidCursor);
      await expect(tables.queryIndex('active', 'A1', { cursor })).rejects.toThrow(InvalidCursor);
    });

    it('refuse a limit of zero', async () => {
      const tables = await filled();
      await expect(tables.query('jobs', 'JOB#1', { limit: 0 })).rejects.toThrow();
    });
  });
}

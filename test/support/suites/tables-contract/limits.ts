import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MakeTables } from '../make-tables.ts';
import { allPages, change, job, put, sks } from './writes.ts';

/** Limits of DynamoDB on items and pages. */
export function describeLimits(make: MakeTables): void {
  describe('limits', () => {
    const large = 'x'.repeat(300 * 1024);

    it('an item above 400 KB is refused, put or grown', async () => {
      const tables = await make();
      await expect(tables.write(put(job('A'), { a: large, b: large }))).rejects.toThrow();
      await tables.write(put(job('A'), { a: large }));
      await expect(tables.write(change(job('A'), { b: large }))).rejects.toThrow();
      await expect(
        tables.transact([change(job('A'), { b: large }), put(job('B'))], randomUUID()),
      ).rejects.toThrow();
      expect(await tables.get(job('B'))).toBeUndefined();
      expect((await tables.get(job('A')))?.b).toBeUndefined();
    });

    it('a map of 10,000 names counts with its names', async () => {
      const tables = await make();
      const entries = (length: number) =>
        Object.fromEntries(
          Array.from({ length }, (_, i) => [`p${String(i).padStart(5, '0')}`, 'x'.repeat(30)]),
        );
      await tables.write(put(job('A'), { map: entries(10_000) }));
      await expect(tables.write(put(job('A'), { map: entries(11_200) }))).rejects.toThrow();
    });

    it('a page holds at most about 1 MB', async () => {
      const tables = await make();
      for (let i = 0; i < 5; i += 1) await tables.write(put(job(`S${i}`), { large }));
      const pages = await allPages((cursor) =>
        tables.query('jobs', 'JOB#1', cursor ? { cursor } : {}),
      );
      expect(pages.length).toBeGreaterThan(1);
      expect(sks(pages.flat())).toEqual(['S0', 'S1', 'S2', 'S3', 'S4']);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Write } from '#shared/store/tables.ts';
import type { MakeTables } from '../make-tables.ts';
import { ABSENT, job, put } from './writes.ts';

/** What puts and updates leave behind, and which are refused. */
export function describeUpdates(make: MakeTables): void {
  describe('puts and updates', () => {
    it('every kind of value comes back as it went', async () => {
      const tables = await make();
      const fields = {
        s: 'text é 漢',
        empty: '',
        n: -12.5,
        zero: 0,
        big: Number.MAX_SAFE_INTEGER,
        yes: true,
        no: false,
        list: ['a', 1, ['b'], { c: false }],
        map: { '0': '1200', deep: { deeper: [] } },
        none: {},
      };
      await tables.write(put(job('A'), fields));
      expect(await tables.get(job('A'))).toEqual({ pk: 'JOB#1', sk: 'A', ...fields });
    });

    it('a put replaces the whole item', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { a: 1, b: 2 }));
      await tables.write(put(job('A'), { c: 3 }));
      expect(await tables.get(job('A'))).toEqual({ pk: 'JOB#1', sk: 'A', c: 3 });
    });

    it('a put stands under its key even when the item does not name it', async () => {
      const tables = await make();
      await tables.write({ kind: 'put', key: job('A'), item: { a: 1 }, condition: [] });
      expect(await tables.get(job('A'))).toEqual({ pk: 'JOB#1', sk: 'A', a: 1 });
    });

    it('an update sets, removes and adds, and leaves the rest', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { keep: 'k', old: 'o', gone: 1, n: 40 }));
      await tables.write({
        kind: 'update',
        key: job('A'),
        set: { old: 'new' },
        remove: ['gone', 'never'],
        add: { n: 2, fresh: 7 },
        condition: [],
      });
      expect(await tables.get(job('A'))).toEqual({
        pk: 'JOB#1',
        sk: 'A',
        keep: 'k',
        old: 'new',
        n: 42,
        fresh: 7,
      });
    });

    it('an update of a missing item creates it', async () => {
      const tables = await make();
      await tables.write({ kind: 'update', key: job('A'), add: { n: 3 }, condition: [] });
      await tables.write({ kind: 'update', key: job('B'), remove: ['x'], condition: [] });
      expect(await tables.get(job('A'))).toEqual({ pk: 'JOB#1', sk: 'A', n: 3 });
      expect(await tables.get(job('B'))).toEqual({ pk: 'JOB#1', sk: 'B' });
    });

    it.each<[string, Partial<Extract<Write, { kind: 'update' }>>]>([
      ['that changes nothing', {}],
      ['that sets and removes one attribute', { set: { a: 1 }, remove: ['a'] }],
      ['that sets and adds to one attribute', { set: { a: 1 }, add: { a: 1 } }],
      ['that changes the key', { set: { pk: 'x' } }],
      ['that adds to a string', { add: { s: 1 } }],
      ['to a number that is none', { set: { a: Number.NaN } }],
      ['to a value of no known type', { set: { a: 5n as never } }],
      ['to a map that is no plain object', { set: { a: new Map([['b', 1]]) as never } }],
      ['to null', { set: { a: null as never } }],
      ['to undefined', { set: { a: undefined as never } }],
      ['of an index key to another type', { set: { dueAt: 'soon' } }],
      ['of an index key to nothing', { set: { activeShard: '' } }],
    ])('an update %s is refused and leaves the item', async (_title, update) => {
      const tables = await make();
      await tables.write(put(job('A'), { s: 'text' }));
      await expect(
        tables.write({ kind: 'update', key: job('A'), condition: [], ...update }),
      ).rejects.toThrow();
      expect(await tables.get(job('A'))).toEqual({ pk: 'JOB#1', sk: 'A', s: 'text' });
    });

    it('a check alone is no write', async () => {
      const tables = await make();
      await expect(
        tables.write({ kind: 'check', key: job('A'), condition: ABSENT }),
      ).rejects.toThrow('a check alone is not a write');
    });
  });
}

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  InvalidCursor,
  type Item,
  type Key,
  type Tables,
  type Write,
} from '#shared/store/tables.ts';

/** What every implementation of {@link Tables} must do, as one suite. */

const job = (sk: string, pk = 'JOB#1'): Key => ({ table: 'jobs', pk, sk });
const ABSENT = [{ attribute: 'pk', is: 'absent' }] as const;

function put(key: Key, fields: Item = {}): Write {
  return { kind: 'put', key, item: { pk: key.pk, sk: key.sk, ...fields }, condition: [] };
}

function change(key: Key, set: Item, condition: Write['condition'] = []): Write {
  return { kind: 'update', key, set, condition };
}

async function allPages(page: (cursor?: string) => ReturnType<Tables['query']>): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    pages.push([...answer.items]);
    cursor = answer.cursor;
  } while (cursor);
  return pages;
}

const sks = (items: readonly Item[]) => items.map((item) => item.sk);

/** @param make new and empty tables for every test */
export function describeTablesContract(name: string, make: () => Promise<Tables>): void {
  describe(`the tables' contract: ${name}`, () => {
    describeConditions(make);
    describeUpdates(make);
    describeTransactions(make);
    describeQueries(make);
    describeIndexes(make);
    describeLimits(make);
  });
}

function describeConditions(make: () => Promise<Tables>): void {
  describe('conditions', () => {
    const stored = { n: 5, s: 'm', b: true };
    it.each([
      ['absent, of a missing attribute', { attribute: 'x', is: 'absent' }, true],
      ['absent, of one that is there', { attribute: 'n', is: 'absent' }, false],
      ['present', { attribute: 'n', is: 'present' }, true],
      ['present, of a missing attribute', { attribute: 'x', is: 'present' }, false],
      ['equal numbers', { attribute: 'n', is: 'equal', value: 5 }, true],
      ['equal strings', { attribute: 's', is: 'equal', value: 'm' }, true],
      ['a number and the same digits', { attribute: 'n', is: 'equal', value: '5' }, false],
      ['equal, of a missing attribute', { attribute: 'x', is: 'equal', value: 5 }, false],
      ['equal, of another type', { attribute: 'b', is: 'equal', value: 'true' }, false],
      ['at most, equal', { attribute: 'n', is: 'at-most', value: 5 }, true],
      ['at most, above', { attribute: 'n', is: 'at-most', value: 4 }, false],
      ['at most, of strings', { attribute: 's', is: 'at-most', value: 'n' }, true],
      ['at most, of another type', { attribute: 's', is: 'at-most', value: 9 }, false],
      ['at most, of a missing attribute', { attribute: 'x', is: 'at-most', value: 5 }, false],
      ['one of', { attribute: 's', is: 'one-of', values: ['k', 'm'] }, true],
      ['none of', { attribute: 's', is: 'one-of', values: ['k', 'l'] }, false],
      ['one of, of a missing attribute', { attribute: 'x', is: 'one-of', values: ['k'] }, false],
    ] as const)('%s', async (_title, test, expected) => {
      const tables = await make();
      await tables.write(put(job('A'), stored));
      const outcome = await tables.write(change(job('A'), { seen: true }, [test]));
      expect(outcome.applied).toBe(expected);
    });

    it('all tests must hold', async () => {
      const tables = await make();
      await tables.write(put(job('A'), stored));
      const outcome = await tables.write(
        change(job('A'), { n: 6 }, [
          { attribute: 'n', is: 'equal', value: 5 },
          { attribute: 's', is: 'equal', value: 'z' },
        ]),
      );
      expect(outcome).toEqual({
        applied: false,
        old: { pk: 'JOB#1', sk: 'A', ...stored },
      });
      expect((await tables.get(job('A')))?.n).toBe(5);
    });

    it('a failed condition on a missing item has no old item', async () => {
      const tables = await make();
      const outcome = await tables.write(
        change(job('A'), { n: 1 }, [{ attribute: 'pk', is: 'present' }]),
      );
      expect(outcome).toEqual({ applied: false, old: undefined });
      expect(await tables.get(job('A'))).toBeUndefined();
    });

    it('a put on an absent item wins once', async () => {
      const tables = await make();
      const write = { ...put(job('A'), { n: 1 }), condition: ABSENT } as Write;
      expect(await tables.write(write)).toEqual({ applied: true });
      expect((await tables.write(write)).applied).toBe(false);
    });

    it('a delete needs its condition and may find nothing', async () => {
      const tables = await make();
      const free = { kind: 'delete', key: job('A'), condition: [{ attribute: 'n', is: 'absent' }] };
      await tables.write(put(job('A'), { n: 1 }));
      expect((await tables.write(free as Write)).applied).toBe(false);
      await tables.write({ kind: 'delete', key: job('A'), condition: [] });
      expect(await tables.get(job('A'))).toBeUndefined();
      expect((await tables.write(free as Write)).applied).toBe(true);
    });

    it('of two writers at once that need the same state one wins', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { n: 0 }));
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          tables.write(
            change(job('A'), { n: 1, by: i }, [{ attribute: 'n', is: 'equal', value: 0 }]),
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.applied)).toHaveLength(1);
    });
  });
}

function describeUpdates(make: () => Promise<Tables>): void {
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

function describeTransactions(make: () => Promise<Tables>): void {
  describe('transactions', () => {
    it('apply all their writes, on both tables', async () => {
      const tables = await make();
      const task: Key = { table: 'tasks', pk: '1', sk: 'T' };
      await tables.write(put(job('A'), { n: 1 }));
      await tables.write(put(job('B')));
      const outcome = await tables.transact(
        [
          change(job('A'), { n: 2 }),
          { kind: 'delete', key: job('B'), condition: [{ attribute: 'pk', is: 'present' }] },
          { kind: 'check', key: job('C'), condition: ABSENT },
          put(task, { status: 'PENDING' }),
        ],
        randomUUID(),
      );
      expect(outcome).toEqual({ applied: true });
      expect((await tables.get(job('A')))?.n).toBe(2);
      expect(await tables.get(job('B'))).toBeUndefined();
      expect(await tables.get(job('C'))).toBeUndefined();
      expect((await tables.get(task))?.status).toBe('PENDING');
    });

    it('apply nothing when a condition fails, and name all that did', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { n: 1 }));
      const outcome = await tables.transact(
        [
          put(job('B')),
          { ...put(job('A')), condition: ABSENT } as Write,
          { kind: 'check', key: job('C'), condition: [{ attribute: 'pk', is: 'present' }] },
        ],
        randomUUID(),
      );
      expect(outcome).toEqual({ applied: false, failed: new Set([1, 2]) });
      expect(await tables.get(job('B'))).toBeUndefined();
      expect((await tables.get(job('A')))?.n).toBe(1);
    });

    it('with the same token and the same writes take effect once and succeed again', async () => {
      const tables = await make();
      const token = randomUUID();
      const writes: Write[] = [
        { kind: 'update', key: job('A'), add: { n: 1 }, condition: [] },
        { ...put(job('B')), condition: ABSENT } as Write,
      ];
      expect((await tables.transact(writes, token)).applied).toBe(true);
      await tables.write({ kind: 'delete', key: job('B'), condition: [] });
      expect((await tables.transact(structuredClone(writes), token)).applied).toBe(true);
      expect((await tables.get(job('A')))?.n).toBe(1);
      expect(await tables.get(job('B'))).toBeUndefined();
    });

    it('with the same token and other writes are an error', async () => {
      const tables = await make();
      const token = randomUUID();
      await tables.transact([put(job('A'), { n: 1 })], token);
      await expect(tables.transact([put(job('A'), { n: 2 })], token)).rejects.toThrow(
        expect.objectContaining({ name: 'IdempotentParameterMismatchException' }),
      );
      expect((await tables.get(job('A')))?.n).toBe(1);
    });

    it('that failed are evaluated anew under their token', async () => {
      const tables = await make();
      const token = randomUUID();
      const writes = [{ ...put(job('A'), { n: 1 }), condition: ABSENT } as Write];
      await tables.write(put(job('A')));
      expect((await tables.transact(writes, token)).applied).toBe(false);
      await tables.write({ kind: 'delete', key: job('A'), condition: [] });
      expect((await tables.transact(writes, token)).applied).toBe(true);
      expect((await tables.get(job('A')))?.n).toBe(1);
    });

    it.each<[string, readonly Write[], string]>([
      ['without a write', [], 'token'],
      ['that names an item twice', [put(job('A')), change(job('A'), { n: 1 })], 'token'],
      ['of 101 writes', Array.from({ length: 101 }, (_, i) => put(job(`S${i}`))), 'token'],
      ['with a token of 37 characters', [put(job('A'))], 'x'.repeat(37)],
      ['with a check of nothing', [{ kind: 'check', key: job('A'), condition: [] }], 'token'],
    ])('%s are refused', async (_title, writes, token) => {
      const tables = await make();
      await expect(tables.transact(writes, token)).rejects.toThrow();
      expect(await tables.get(job('A'))).toBeUndefined();
    });

    it('of 100 writes are taken', async () => {
      const tables = await make();
      const writes = Array.from({ length: 100 }, (_, i) => put(job(`S${i}`)));
      expect((await tables.transact(writes, randomUUID())).applied).toBe(true);
      expect((await tables.query('jobs', 'JOB#1')).items).toHaveLength(100);
    });

    it('at once on one item lose no addition', async () => {
      const tables = await make();
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          tables.transact(
            [{ kind: 'update', key: job('A'), add: { n: 1 }, condition: [] }, put(job(`B${i}`))],
            randomUUID(),
          ),
        ),
      );
      expect((await tables.get(job('A')))?.n).toBe(6);
    });
  });
}

function describeQueries(make: () => Promise<Tables>): void {
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

function describeIndexes(make: () => Promise<Tables>): void {
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

function describeLimits(make: () => Promise<Tables>): void {
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

import { describe, expect, it } from 'vitest';
import type { Key, Write } from '#shared/store/tables.ts';
import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeTablesContract } from '../../../support/suites/tables-contract.ts';

describeTablesContract('in memory', async () => makeMemoryTables());

describe('tables in memory', () => {
  const key: Key = { table: 'tasks', pk: '1', sk: 'T' };
  const addition: Write = { kind: 'update', key, add: { n: 1 }, condition: [] };

  it('F7: forget the token of a transaction after ten minutes', async () => {
    let now = 0;
    const tables = makeMemoryTables({ now: () => now });
    for (const at of [0, 600_000, 600_001]) {
      now = at;
      await tables.transact([addition], 'token');
    }
    expect((await tables.get(key))?.n).toBe(2);
  });

  it('tell of every change in order, and of no write that changes nothing', async () => {
    const heard: unknown[] = [];
    const tables = makeMemoryTables({ onChange: ({ old, now }) => heard.push([old?.n, now?.n]) });
    const same: Write = { kind: 'update', key, set: { n: 1, m: { a: ['b'] } }, condition: [] };
    const last: Write = { kind: 'delete', key, condition: [] };
    for (const write of [same, same, addition, last, last]) await tables.write(write);
    await tables.transact([addition], 'a');
    await tables.transact([addition], 'a');
    expect(heard).toEqual([
      [undefined, 1],
      [1, 2],
      [2, undefined],
      [undefined, 1],
    ]);
  });

  it('hand out what cannot be changed, and list all items', async () => {
    const tables = makeMemoryTables();
    const item = { list: ['a'], map: { b: 'c' } };
    await tables.write({ kind: 'put', key, item, condition: [] });
    const [found] = tables.items('tasks');
    expect(found).toEqual({ pk: '1', sk: 'T', ...item });
    expect(() => (found as { list: string[] }).list.push('x')).toThrow(TypeError);
    expect(() => {
      item.map.b = 'x';
    }).toThrow(TypeError);
    expect(tables.items('jobs')).toEqual([]);
  });

  it('take effect before the promise is handed out', () => {
    const tables = makeMemoryTables();
    void tables.write(addition);
    expect(tables.items('tasks')).toHaveLength(1);
  });

  it('go back to where they were, with their indexes, and stay apart from what they were taken from', async () => {
    const tables = makeMemoryTables();
    const live = {
      kind: 'update',
      key,
      set: { liveShard: 'L1', createdAt: 5 },
      condition: [],
    } as const;
    expect(tables.hasHeld('live', 'L1')).toBe(false);
    await tables.write(live);
    const others = makeMemoryTables();
    others.restore(tables.snapshot());
    await tables.write({ kind: 'delete', key, condition: [] });

    expect(others.items('tasks')).toEqual([{ pk: '1', sk: 'T', liveShard: 'L1', createdAt: 5 }]);
    expect((await others.queryIndex('live', 'L1')).items).toHaveLength(1);
    expect((await tables.queryIndex('live', 'L1')).items).toEqual([]);
    expect(tables.hasHeld('live', 'L1')).toBe(true);
  });

  it('answer transactions alike when they do not look at the requests themselves', async () => {
    const absent = [{ attribute: 'pk', is: 'absent' }] as const;
    const other: Write = {
      kind: 'put',
      key: { ...key, sk: 'U' },
      item: { n: 1 },
      condition: absent,
    };
    const answers = [true, false].map(async (measures) => {
      const tables = makeMemoryTables({ measures });
      const outcomes = [
        await tables.transact([addition, other], 'a'),
        await tables.transact([addition, other], 'a'),
        await tables.transact([addition, other], 'b'),
      ];
      return { outcomes, items: tables.items('tasks') };
    });
    const [looking, blind] = await Promise.all(answers);

    expect(blind).toEqual(looking);
    expect(blind?.outcomes.map(({ applied }) => applied)).toEqual([true, true, false]);
  });
});

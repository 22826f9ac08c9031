import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Key, Write } from '#shared/store/tables.ts';
import type { MakeTables } from '../make-tables.ts';
import { ABSENT, change, job, put } from './writes.ts';

/** Transactions: all or nothing, and once under a token. */
export function describeTransactions(make: MakeTables): void {
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

    const addToText: Write = { kind: 'update', key: job('A'), add: { n: 1 }, condition: [] };
    const failing: Write = {
      kind: 'check',
      key: job('C'),
      condition: [{ attribute: 'pk', is: 'present' }],
    };
    it.each<[string, readonly Write[]]>([
      ['before', [addToText, failing]],
      ['behind', [failing, addToText]],
    ])(
      'that add to a text %s a condition that fails are refused, and not taken for lost',
      async (_, writes) => {
        const tables = await make();
        await tables.write(put(job('A'), { n: 'text' }));
        await expect(tables.transact(writes, randomUUID())).rejects.toThrow();
      },
    );

    it('that add to a text of an item that is not as it should be have lost', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { n: 'text' }));
      const outcome = await tables.transact(
        [put(job('B')), { ...addToText, condition: ABSENT } as Write],
        randomUUID(),
      );
      expect(outcome).toEqual({ applied: false, failed: new Set([1]) });
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

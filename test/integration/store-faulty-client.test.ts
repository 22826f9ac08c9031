import { describe, expect, it } from 'vitest';
import type { Clock } from '#shared/clock.ts';
import { InvalidCursor, type Key, OutcomeUnknown, type Write } from '#shared/store/tables.ts';
import { recordDecision } from '#shared/store/tasks.ts';
import {
  type ClientFault,
  faultsOfTries,
  impatientRetries,
  injectFaults,
} from '../support/faulty-client.ts';
import { exampleDecision, newId, runningTask, taskNow } from '../support/store-examples.ts';
import { freshTables, localClient } from '../support/tables.ts';

/**
 * The adapter over the SDK's own client and retries, with answers that DynamoDB Local never gives. The
 * client makes three tries of a request.
 */

const A: Key = { table: 'jobs', pk: 'JOB#1', sk: 'A' };
const B: Key = { table: 'tasks', pk: '1', sk: 'B' };
const ABSENT = [{ attribute: 'pk', is: 'absent' }] as const;
const insertion: Write = { kind: 'put', key: A, item: { n: 1 }, condition: ABSENT };
const addition: Write = { kind: 'update', key: A, add: { n: 1 }, condition: [] };
const pair: Write[] = [addition, { kind: 'put', key: B, item: {}, condition: ABSENT }];

/** Fresh tables whose client meets `faults`, and the pauses that the adapter asked for. */
async function faultyTables(...faults: readonly (ClientFault | undefined)[]) {
  const client = localClient({ retryStrategy: impatientRetries(3) as never });
  const pauses: number[] = [];
  const clock: Clock = { now: () => 0, sleep: async (ms) => void pauses.push(ms) };
  const plain = await freshTables();
  const { tables } = await freshTables({ client, clock, names: plain });
  injectFaults(client, faultsOfTries(...faults));
  return { tables, plain: plain.tables, pauses };
}

const eight = (fault: ClientFault) => Array.from({ length: 24 }, () => fault);

describe('a conditional write', () => {
  it.each(['error-before', 'timeout-before', 'throttle', 'conflict'] as const)(
    'F6, F7: passes over one %s by itself',
    async (fault) => {
      const { tables, plain } = await faultyTables(fault);
      expect(await tables.write(insertion)).toEqual({ applied: true });
      expect((await plain.get(A))?.n).toBe(1);
    },
  );

  it.each(['error-after', 'timeout-after'] as const)(
    'F6: repeated by the SDK after an %s it fails by its own doing, and shows what it left',
    async (fault) => {
      const { tables } = await faultyTables(fault);
      expect(await tables.write(insertion)).toEqual({
        applied: false,
        old: { pk: 'JOB#1', sk: 'A', n: 1 },
      });
    },
  );

  it.each(['error-after', 'timeout-after', 'error-before', 'timeout-before'] as const)(
    'F6: is of unknown outcome when every try ends in an %s',
    async (fault) => {
      const { tables } = await faultyTables(fault, fault, fault);
      await expect(tables.write(insertion)).rejects.toThrow(OutcomeUnknown);
    },
  );

  it('F7: throttled at every try it is known not to be done', async () => {
    const { tables, plain } = await faultyTables('throttle', 'throttle', 'throttle');
    await expect(tables.write(insertion)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await plain.get(A)).toBeUndefined();
  });

  it.each(['error-after', 'timeout-after'] as const)(
    'F6, F7: applied with an %s and throttled when the SDK repeats it, it is of unknown outcome',
    async (fault) => {
      const { tables, plain } = await faultyTables(fault, 'throttle', 'throttle');
      await expect(tables.write(insertion)).rejects.toThrow(OutcomeUnknown);
      expect((await plain.get(A))?.n).toBe(1);
    },
  );

  it('F7: meets transactions on its item seven times and is done', async () => {
    const { tables, plain, pauses } = await faultyTables(...eight('conflict').slice(0, 7));
    expect(await tables.write(insertion)).toEqual({ applied: true });
    expect((await plain.get(A))?.n).toBe(1);
    expect(pauses).toEqual([20, 40, 80, 160, 320, 640, 1_280]);
  });

  it('F7: in a storm of conflicts it gives up, not done', async () => {
    const { tables, plain } = await faultyTables(...eight('conflict'));
    await expect(tables.write(insertion)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await plain.get(A)).toBeUndefined();
  });

  it('F6, F7: in a storm of conflicts after a lost answer its outcome is unknown', async () => {
    const { tables } = await faultyTables('timeout-before', ...eight('conflict'));
    await expect(tables.write(insertion)).rejects.toThrow(OutcomeUnknown);
  });

  it('F6, F7: a decision that was applied and then throttled away is settled, not lost', async () => {
    const { tables, plain } = await faultyTables('error-after', 'throttle', 'throttle', 'throttle');
    const { task } = await runningTask(plain);
    expect(await recordDecision(tables, task, exampleDecision(task))).toBe(true);
    expect((await taskNow(plain, task)).decision).toEqual(exampleDecision(task));
  });
});

describe('a transaction', () => {
  it.each([
    'error-before',
    'error-after',
    'timeout-before',
    'timeout-after',
    'throttle',
    'conflict',
    'in-progress',
  ] as const)('F6, F7: passes over one %s by itself and counts once', async (fault) => {
    const { tables, plain } = await faultyTables(fault);
    expect(await tables.transact(pair, newId())).toEqual({ applied: true });
    expect((await plain.get(A))?.n).toBe(1);
    expect(await plain.get(B)).toBeDefined();
  });

  it('F7: passes over a storm of conflicts with growing pauses', async () => {
    const { tables, plain, pauses } = await faultyTables(...eight('conflict').slice(0, 7));
    expect(await tables.transact(pair, newId())).toEqual({ applied: true });
    expect((await plain.get(A))?.n).toBe(1);
    expect(pauses).toEqual([20, 40, 80, 160, 320, 640, 1_280]);
  });

  it('F7: gives up in a longer one, not done', async () => {
    const { tables, plain } = await faultyTables(...eight('conflict'));
    await expect(tables.transact(pair, newId())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await plain.get(A)).toBeUndefined();
  });

  it('F7: still under way after all its tries it is of unknown outcome', async () => {
    const { tables } = await faultyTables(...eight('in-progress'));
    await expect(tables.transact(pair, newId())).rejects.toThrow(OutcomeUnknown);
  });

  it('F6, F7: applied with its answer lost and throttled after that it is of unknown outcome', async () => {
    const { tables, plain } = await faultyTables('error-after', 'throttle', 'throttle');
    const token = newId();
    await expect(tables.transact(pair, token)).rejects.toThrow(OutcomeUnknown);
    expect(await tables.transact(pair, token)).toEqual({ applied: true });
    expect((await plain.get(A))?.n).toBe(1);
  });

  it('F14: that would make an item too large is named a mistake, not a passing trouble', async () => {
    const { tables } = await faultyTables();
    const large = 'x'.repeat(300 * 1024);
    await tables.write({ kind: 'put', key: A, item: { large }, condition: [] });
    const grown: Write = { kind: 'update', key: A, set: { more: large }, condition: [] };
    await expect(tables.transact([grown], newId())).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
  });
});

describe('a read', () => {
  it.each(['error-before', 'timeout-before', 'throttle'] as const)(
    'passes over one %s by itself, and says that the store is unavailable after three',
    async (fault) => {
      const { tables, plain } = await faultyTables(fault, undefined, fault, fault, fault);
      await plain.write(insertion);
      expect((await tables.get(A))?.n).toBe(1);
      await expect(tables.get(A)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    },
  );

  it('does not blame the cursor when it is the store that fails', async () => {
    const { tables, plain } = await faultyTables('throttle', 'throttle', 'throttle');
    for (const sk of ['A', 'B']) {
      await plain.write({ kind: 'put', key: { ...A, sk }, item: {}, condition: [] });
    }
    const { cursor = '' } = await plain.query('jobs', 'JOB#1', { limit: 1 });
    await expect(tables.query('jobs', 'JOB#1', { cursor })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(tables.query('jobs', 'JOB#2', { cursor })).rejects.toThrow(InvalidCursor);
  });
});

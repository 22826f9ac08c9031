import { expect, it } from 'vitest';
import { releaseTask, reofferLostTask } from '#shared/store/task-offers.ts';
import { claimTask, findLiveTasks, markInDoubt, renewLease } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import { exampleError, laneNow, NOW, runningTask, taskNow } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { takenOver } from './taken-over.ts';

/** What the store promises to the attempt that runs a task: its lease, and giving the task back. */
export function describeRunning(make: MakeTables): void {
  it.each([undefined, ...LOST_ANSWERS])(
    'F6: the lease of a running task is renewed (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await renewLease(faulty, task, NOW + 90_000)).toBe(true);
      expect(await taskNow(tables, task)).toEqual({ ...task, leaseUntil: NOW + 90_000 });
    },
  );

  it('F9: a zombie renews nothing, neither while its task waits nor when another runs it', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    await reofferLostTask(tables, task, { error: exampleError(task), now: NOW });
    expect(await renewLease(tables, task, NOW + 999_000)).toBe(false);
    const again = await taskNow(tables, task);
    const second = await claimTask(tables, again, { owner: 'second', leaseUntil: NOW + 1 });
    expect(await renewLease(tables, task, NOW + 999_000)).toBe(false);
    expect(await taskNow(tables, task)).toEqual(second);
  });

  it.each([undefined, ...LOST_ANSWERS])(
    'F6: a task is given back with its error (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const error = exampleError(task);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await releaseTask(faulty, task, { error, notBefore: NOW + 2_000 })).toBe(true);
      await faulty.arrive();
      const { owner, leaseUntil, ...rest } = task;
      expect(await taskNow(tables, task)).toEqual({
        ...rest,
        status: 'PENDING',
        error,
        failures: 1,
        offers: 2,
        offeredAt: error.at,
        notBefore: NOW + 2_000,
      });
      expect((await findLiveTasks(tables)).count).toBe(1);
    },
  );

  it('F9: a zombie gives nothing back', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const second = await takenOver(tables, task);
    const release = { error: exampleError(task), notBefore: NOW };
    expect(await releaseTask(tables, task, release)).toBe(false);
    expect(await taskNow(tables, task)).toEqual(second);
  });

  it.each([undefined, ...LOST_ANSWERS])(
    'F6: a task in doubt keeps its lane and is live no more (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { lane, task } = await runningTask(tables);
      const error = { ...exampleError(task), code: 'COMMIT_IN_DOUBT' as const };
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await markInDoubt(faulty, task, error)).toBe(true);
      await faulty.arrive();
      expect(await taskNow(tables, task)).toMatchObject({ status: 'IN_DOUBT', error });
      expect(await laneNow(tables, lane)).toEqual(lane);
      expect((await findLiveTasks(tables)).count).toBe(0);
    },
  );

  it('F9: a zombie puts nothing in doubt', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const second = await takenOver(tables, task);
    expect(await markInDoubt(tables, task, exampleError(task))).toBe(false);
    expect(await taskNow(tables, task)).toEqual(second);
  });
}

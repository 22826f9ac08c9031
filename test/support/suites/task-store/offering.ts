import { expect, it } from 'vitest';
import { reofferLostTask, touchPendingTask } from '#shared/store/task-offers.ts';
import { claimTask, renewLease } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import { exampleError, NOW, plannedTask, runningTask, taskNow } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';

/** What the store promises to the cycles that offer a task again. */
export function describeOffering(make: MakeTables): void {
  it.each([undefined, ...LOST_ANSWERS])(
    'F6: a task whose lease ran out is offered again (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const error = exampleError(task);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await reofferLostTask(faulty, task, { error, now: NOW + 5 })).toBe(true);
      await faulty.arrive();
      const { owner, leaseUntil, ...rest } = task;
      expect(await taskNow(tables, task)).toEqual({
        ...rest,
        status: 'PENDING',
        error,
        failures: 1,
        offers: 2,
        offeredAt: NOW + 5,
      });
    },
  );

  it('F9: a task whose lease was renewed meanwhile is left to its loader', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    await renewLease(tables, task, NOW + 90_000);
    const lost = { error: exampleError(task), now: NOW };
    expect(await reofferLostTask(tables, task, lost)).toBe(false);
    expect(await taskNow(tables, task)).toEqual({ ...task, leaseUntil: NOW + 90_000 });
  });

  it('F5: two cycles that find the same lost task count one failure', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const lost = { error: exampleError(task), now: NOW };
    await Promise.all([1, 2, 3].map(() => reofferLostTask(tables, task, lost)));
    expect(await taskNow(tables, task)).toMatchObject({ failures: 1, offers: 2 });
  });

  it.each([undefined, ...LOST_ANSWERS])(
    'F3: touching a task that nobody claimed changes it (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { task } = await plannedTask(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await touchPendingTask(faulty, task, task.offeredAt)).toBe(true);
      await faulty.arrive();
      expect(await taskNow(tables, task)).toEqual({ ...task, offers: 2 });
    },
  );

  it('F5: two cycles that touch the same task make one change', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    await Promise.all([1, 2, 3].map(() => touchPendingTask(tables, task, NOW + 5)));
    expect(await taskNow(tables, task)).toEqual({ ...task, offers: 2, offeredAt: NOW + 5 });
  });

  it('F8: a cycle that read an older task does not touch it once more', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    await touchPendingTask(tables, task, NOW + 5);
    await touchPendingTask(tables, task, NOW + 9);
    expect(await taskNow(tables, task)).toEqual({ ...task, offers: 2, offeredAt: NOW + 5 });
  });

  it('a task that was claimed meanwhile is not touched', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    const claimed = await claimTask(tables, task, { owner: 'me', leaseUntil: NOW });
    expect(await touchPendingTask(tables, task, NOW + 5)).toBe(false);
    expect(await taskNow(tables, task)).toEqual(claimed);
  });
}

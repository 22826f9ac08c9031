import { expect, it } from 'vitest';
import type { Task } from '#shared/domain/task.ts';
import { releaseTask } from '#shared/store/task-offers.ts';
import { claimTask, readTask, recordDecision } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import {
  exampleDecision,
  exampleError,
  exampleLane,
  exampleTask,
  NOW,
  plannedTask,
  runningTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { takenOver } from './taken-over.ts';

/** What the store promises to those that claim a task. */
export function describeClaiming(make: MakeTables): void {
  const claim = { owner: 'me', leaseUntil: NOW + 60_000 };

  it('a claim raises the attempt and takes the lease', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    const claimed = await claimTask(tables, { ...task, notBefore: NOW }, claim);
    expect(claimed).toEqual({ ...task, status: 'RUNNING', attempt: 1, ...claim });
    expect(await taskNow(tables, task)).toEqual(claimed);
  });

  it('F2: of claimers at once one wins', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    const claims = await Promise.all(
      ['a', 'b', 'c', 'd'].map((owner) => claimTask(tables, task, { ...claim, owner })),
    );
    const winners = claims.filter((claimed) => claimed !== undefined);
    expect(winners).toHaveLength(1);
    expect(await taskNow(tables, task)).toEqual(winners[0]);
  });

  it.each(LOST_ANSWERS)(
    'F6: a claim whose answer is lost (%s) is known to be mine',
    async (fault) => {
      const tables = await make();
      const { task } = await plannedTask(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      const claimed = await claimTask(faulty, task, claim);
      await faulty.arrive();
      expect(claimed).toEqual({ ...task, status: 'RUNNING', attempt: 1, ...claim });
      expect(await taskNow(tables, task)).toEqual(claimed);
    },
  );

  it.each(LOST_ANSWERS)(
    "F6: another's claim is not taken for mine after a lost answer (%s)",
    async (fault) => {
      const tables = await make();
      const { task } = await plannedTask(tables);
      const theirs = await claimTask(tables, task, { ...claim, owner: 'other' });
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await claimTask(faulty, task, claim)).toBeUndefined();
      await faulty.arrive();
      expect(await taskNow(tables, task)).toEqual(theirs);
    },
  );

  it('F2: a delivery that comes hours later finds nothing to claim', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    const second = await takenOver(tables, (await claimTask(tables, task, claim)) as Task);
    expect(await claimTask(tables, task, { ...claim, owner: 'late' })).toBeUndefined();
    expect(await taskNow(tables, task)).toEqual(second);
  });

  it('F8: a task read while it ran is not claimed: it may have decided since', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    await recordDecision(tables, task, exampleDecision(task));
    await releaseTask(tables, task, { error: exampleError(task), notBefore: NOW });
    expect(await claimTask(tables, task, { ...claim, owner: 'stale' })).toBeUndefined();
    expect((await taskNow(tables, task)).status).toBe('PENDING');
  });

  it('F9: whoever read a task before it was tried claims it no more, though it is PENDING again', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    const first = (await claimTask(tables, task, claim)) as Task;
    await releaseTask(tables, first, { error: exampleError(first), notBefore: NOW });
    const waiting = await taskNow(tables, task);
    expect(await claimTask(tables, task, { ...claim, owner: 'stale' })).toBeUndefined();
    expect(await taskNow(tables, task)).toEqual(waiting);
    const second = await claimTask(tables, waiting, { ...claim, owner: 'fresh' });
    expect(second).toMatchObject({ attempt: 2, notBefore: undefined });
    expect(await taskNow(tables, task)).toEqual(second);
  });

  it('a task that is gone is not claimed into being', async () => {
    const tables = await make();
    const task = exampleTask(exampleLane());
    expect(await claimTask(tables, task, claim)).toBeUndefined();
    expect(await readTask(tables, task.jobId, task.id)).toBeUndefined();
  });
}

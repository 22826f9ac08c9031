import { expect, it } from 'vitest';
import type { Task } from '#shared/domain/task.ts';
import { type Advance, advanceLane } from '#shared/store/finish.ts';
import type { Tables } from '#shared/store/tables.ts';
import { releaseTask, reofferLostTask } from '#shared/store/task-offers.ts';
import { claimTask, readTask } from '#shared/store/tasks.ts';
import {
  exampleDecision,
  exampleError,
  laneNow,
  NOW,
  newId,
  offsets,
  runningTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { decidedTask, successorOf } from './decided-task.ts';

/** Which advances the store refuses. */
export function describeGuards(make: MakeTables): void {
  async function expectUnmoved(tables: Tables, advance: Advance): Promise<void> {
    expect(await laneNow(tables, advance.lane)).toEqual(advance.lane);
  }

  it('F9: an attempt that has lost its task moves nothing, and plans nothing', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const successor = successorOf(advance);
    await reofferLostTask(tables, advance.task, { error: exampleError(advance.task), now: NOW });
    expect(await advanceLane(tables, { ...advance, successor })).toBe(false);
    const again = await taskNow(tables, advance.task);
    const second = (await claimTask(tables, again, { owner: 's', leaseUntil: NOW })) as Task;
    expect(await advanceLane(tables, { ...advance, successor, token: newId() })).toBe(false);
    expect(await taskNow(tables, advance.task)).toEqual(second);
    expect(await readTask(tables, successor.jobId, successor.id)).toBeUndefined();
    await expectUnmoved(tables, advance);
    expect(await advanceLane(tables, { ...advance, task: second, token: newId() })).toBe(true);
  });

  it('F9: of two attempts that finish the same decision the stale one is refused afterwards too', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    await releaseTask(tables, advance.task, {
      error: exampleError(advance.task),
      notBefore: NOW,
    });
    const again = await taskNow(tables, advance.task);
    const second = (await claimTask(tables, again, { owner: 's', leaseUntil: NOW })) as Task;
    expect(await advanceLane(tables, { ...advance, task: second })).toBe(true);
    expect(await advanceLane(tables, { ...advance, token: newId() })).toBe(false);
    expect(await laneNow(tables, advance.lane)).toMatchObject({ tasks: 1, rows: 5 });
  });

  it('offsets move once, however often and by whom it is tried', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    await Promise.all([1, 2, 3, 4].map(() => advanceLane(tables, { ...advance, token: newId() })));
    expect(await laneNow(tables, advance.lane)).toMatchObject({ tasks: 1, rows: 5, revision: 2 });
  });

  it('a task without a decision does not advance', async () => {
    const tables = await make();
    const decided = await decidedTask(tables);
    const { lane, task } = await runningTask(tables);
    const advance = { ...decided, lane, task, decision: exampleDecision(task) };
    expect(await advanceLane(tables, advance)).toBe(false);
    expect(await taskNow(tables, task)).toEqual(task);
    await expectUnmoved(tables, advance);
  });

  it('F8: a lane as it was before the task was planned brings no old offsets back', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const stale = { ...advance.lane, revision: 0, next: offsets({ 1: 10, 2: 3 }) };
    expect(await advanceLane(tables, { ...advance, lane: stale })).toBe(false);
    await expectUnmoved(tables, advance);
  });

  it('a successor for another revision is refused', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const successor = successorOf(advance, { laneRevision: 1 });
    await expect(advanceLane(tables, { ...advance, successor })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await expectUnmoved(tables, advance);
  });
}

import { expect, it } from 'vitest';
import { advanceLane, cancelTask } from '#shared/store/finish.ts';
import { laneKey } from '#shared/store/lane-record.ts';
import { deleteDeadLane } from '#shared/store/lanes.ts';
import { reofferLostTask } from '#shared/store/task-offers.ts';
import { claimTask, findLiveTasks, recordDecision } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import {
  exampleDecision,
  exampleError,
  laneNow,
  NOW,
  plannedTask,
  runningTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { cancelling, decidedTask } from './decided-task.ts';

/** What the store promises about a task that is cancelled. */
export function describeCancelling(make: MakeTables): void {
  it.each([undefined, ...LOST_ANSWERS])(
    'F6: a cancelled task frees its lane, offsets unmoved (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { lane, task } = await plannedTask(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await cancelTask(faulty, task, cancelling())).toBe(true);
      await faulty.arrive();
      expect(await taskNow(tables, task)).toEqual({
        ...task,
        status: 'CANCELLED',
        finishedAt: NOW + 10,
      });
      expect(await laneNow(tables, lane)).toEqual({ ...lane, taskId: undefined, revision: 2 });
      expect((await findLiveTasks(tables)).count).toBe(0);
    },
  );

  it.each([undefined, ...LOST_ANSWERS])(
    'a cancelled task leaves its lane the epochs that are not to be forgotten (fault: %s)',
    async (fault) => {
      const tables = await make();
      const epochs = new Map([
        [1, 4],
        [2, 5],
      ]);
      for (const [forgetEpochs, left] of [
        [undefined, { epochs }],
        [[1, 9], { epochs: new Map([[2, 5]]) }],
        [[1, 2], {}],
      ] as const) {
        const { lane, task } = await plannedTask(tables, { epochs });
        const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
        expect(await cancelTask(faulty, task, { ...cancelling(), forgetEpochs })).toBe(true);
        await faulty.arrive();
        const { epochs: _, taskId, ...rest } = lane;
        expect(await laneNow(tables, lane)).toEqual({ ...rest, ...left, revision: 2 });
      }
    },
  );

  it('a running task is cancelled by its own attempt, with its error', async () => {
    const tables = await make();
    const { lane, task } = await runningTask(tables);
    const error = exampleError(task);
    expect(await cancelTask(tables, task, { ...cancelling(), error })).toBe(true);
    expect(await taskNow(tables, task)).toMatchObject({ status: 'CANCELLED', error });
    expect((await laneNow(tables, lane)).taskId).toBeUndefined();
  });

  it.each([undefined, ...LOST_ANSWERS])(
    'a task whose lane is gone is cancelled alone (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { lane, task } = await plannedTask(tables);
      const key = laneKey(lane.jobId, lane.generation, lane.index);
      await tables.write({ kind: 'delete', key, condition: [] });
      const faulty = makeFaultyTables(tables, faultsOfWrites(undefined, fault));
      expect(await cancelTask(faulty, task, cancelling())).toBe(true);
      expect((await taskNow(tables, task)).status).toBe('CANCELLED');
      expect(await tables.get(key)).toBeUndefined();
    },
  );

  it('a task with a decision is never cancelled', async () => {
    const tables = await make();
    const { lane, task } = await decidedTask(tables);
    expect(await cancelTask(tables, task, cancelling())).toBe(false);
    expect(await taskNow(tables, task)).toEqual(task);
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it('F8: a task that was claimed since it was read is not cancelled', async () => {
    const tables = await make();
    const { lane, task } = await plannedTask(tables);
    const claimed = await claimTask(tables, task, { owner: 'me', leaseUntil: NOW });
    expect(await cancelTask(tables, task, cancelling())).toBe(false);
    expect(await taskNow(tables, task)).toEqual(claimed);
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it('F9: a zombie does not cancel its task once it is offered again', async () => {
    const tables = await make();
    const { lane, task } = await runningTask(tables);
    await reofferLostTask(tables, task, { error: exampleError(task), now: NOW });
    const waiting = await taskNow(tables, task);
    expect(await cancelTask(tables, task, cancelling())).toBe(false);
    expect(await taskNow(tables, task)).toEqual(waiting);
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it('F13: a cancelled task is claimed no more', async () => {
    const tables = await make();
    const { task } = await plannedTask(tables);
    await cancelTask(tables, task, cancelling());
    const cancelled = await taskNow(tables, task);
    expect(await claimTask(tables, task, { owner: 'me', leaseUntil: NOW })).toBeUndefined();
    expect(await taskNow(tables, task)).toEqual(cancelled);
  });

  it('F13: of a claim and a cancellation at once one wins', async () => {
    const tables = await make();
    const { lane, task } = await plannedTask(tables);
    const [claimed, cancelled] = await Promise.all([
      claimTask(tables, task, { owner: 'me', leaseUntil: NOW }),
      cancelTask(tables, task, cancelling()),
    ]);
    expect(claimed === undefined).toBe(cancelled);
    expect((await taskNow(tables, task)).status).toBe(cancelled ? 'CANCELLED' : 'RUNNING');
    expect((await laneNow(tables, lane)).taskId).toBe(cancelled ? undefined : task.id);
  });

  it('F9: a zombie neither decides nor advances a cancelled task', async () => {
    const tables = await make();
    const { lane, task } = await runningTask(tables);
    await cancelTask(tables, task, cancelling());
    const decision = exampleDecision(task);
    expect(await recordDecision(tables, task, decision)).toBe(false);
    const decided = await decidedTask(tables);
    expect(await advanceLane(tables, { ...decided, lane, task, decision })).toBe(false);
    expect((await laneNow(tables, lane)).next).toEqual(lane.next);
  });

  it('a lane that was freed can be swept', async () => {
    const tables = await make();
    const { lane, task } = await plannedTask(tables);
    await cancelTask(tables, task, cancelling());
    await deleteDeadLane(tables, lane);
    expect(await tables.get(laneKey(lane.jobId, lane.generation, lane.index))).toBeUndefined();
  });
}

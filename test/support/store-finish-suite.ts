import { describe, expect, it } from 'vitest';
import type { Task } from '#shared/domain/task.ts';
import { type Advance, advanceLane, cancelTask } from '#shared/store/finish.ts';
import { laneKey } from '#shared/store/lane-record.ts';
import { deleteDeadLane } from '#shared/store/lanes.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import { taskKey } from '#shared/store/task-record.ts';
import {
  claimTask,
  findLiveTasks,
  readTask,
  recordDecision,
  releaseTask,
  reofferLostTask,
} from '#shared/store/tasks.ts';
import {
  faultsOfWrites,
  LOST_ANSWERS,
  makeFaultyTables,
  makeInterruptedTables,
} from './faulty-tables.ts';
import {
  exampleDecision,
  exampleError,
  exampleTask,
  laneNow,
  NOW,
  newId,
  offsets,
  plannedTask,
  runningTask,
  taskNow,
} from './store-examples.ts';

/** What the store promises about the two ends of a task, on any tables. */

type Make = () => Promise<Tables>;

async function decidedTask(tables: Tables): Promise<Advance> {
  const { lane, task: running } = await runningTask(tables);
  const decision = exampleDecision(running);
  await recordDecision(tables, running, decision);
  return {
    lane,
    task: { ...running, decision },
    decision,
    errorWindow: { rows: 5, bad: 0 },
    ends: offsets({ 1: 110, 2: 220 }),
    now: NOW + 10,
    token: newId(),
    retentionDays: 7,
  };
}

const successorOf = ({ lane, task }: Advance, fields: Partial<Task> = {}) =>
  exampleTask({ ...lane, revision: task.laneRevision }, fields);

const cancelling = () => ({ now: NOW + 10, token: newId(), retentionDays: 7 });

/** @param make new and empty tables for every test */
export function describeFinishing(name: string, make: Make): void {
  describe(`the end of a task in the store: ${name}`, () => {
    describe('advancing', () => describeAdvancing(make));
    describe('advancing, guarded', () => describeGuards(make));
    describe('cancelling', () => describeCancelling(make));
  });
}

function describeAdvancing(make: Make): void {
  it('the task is done, and the lane stands behind its slice with its statistics', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const { lane, task } = advance;
    expect(await advanceLane(tables, advance)).toBe(true);
    const { leaseUntil, ...rest } = task;
    expect(await taskNow(tables, task)).toEqual({ ...rest, status: 'DONE', finishedAt: NOW + 10 });
    expect(await laneNow(tables, lane)).toEqual({
      ...lane,
      next: offsets({ 1: 15, 2: 20 }),
      ends: advance.ends,
      taskId: undefined,
      revision: 2,
      errorWindow: { rows: 5, bad: 0 },
      rows: 5,
      bytes: 500,
      tasks: 1,
      committedAt: NOW + 10,
    });
    expect((await findLiveTasks(tables)).count).toBe(0);
  });

  it('a finished task carries the second of its removal', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    await advanceLane(tables, advance);
    const item = await tables.get(taskKey(advance.task.jobId, advance.task.id));
    expect(item?.expiresAt).toBe(Math.floor((NOW + 10) / 1000) + 7 * 86_400);
  });

  it('a slice that was cut short advances to where it was read', async () => {
    const tables = await make();
    const { lane, task } = await runningTask(tables);
    const decision = exampleDecision(task, { to: offsets({ 1: 12 }) });
    await recordDecision(tables, task, decision);
    const base = await decidedTask(tables);
    expect(await advanceLane(tables, { ...base, lane, task, decision })).toBe(true);
    expect((await laneNow(tables, lane)).next).toEqual(offsets({ 1: 12, 2: 20 }));
  });

  it.each([
    ['for the stream', {}],
    ['claimed at creation', { status: 'RUNNING', attempt: 1, owner: 'me', leaseUntil: NOW }],
  ] as const)('the successor, %s, has the lane in the same moment', async (_title, fields) => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const successor = successorOf(advance, fields);
    expect(await advanceLane(tables, { ...advance, successor })).toBe(true);
    expect(await taskNow(tables, successor)).toEqual(successor);
    expect(await laneNow(tables, advance.lane)).toMatchObject({
      taskId: successor.id,
      revision: 2,
      plannedAt: NOW,
    });
    expect((await findLiveTasks(tables)).count).toBe(1);
  });

  it.each(LOST_ANSWERS)(
    'F6, F7: an advance whose answer is lost (%s) counts once',
    async (fault) => {
      const tables = await make();
      const advance = await decidedTask(tables);
      const successor = successorOf(advance);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await advanceLane(faulty, { ...advance, successor })).toBe(true);
      await faulty.arrive();
      expect(await laneNow(tables, advance.lane)).toMatchObject({
        next: offsets({ 1: 15, 2: 20 }),
        rows: 5,
        tasks: 1,
        revision: 2,
        taskId: successor.id,
      });
    },
  );

  it('F6, F7: an advance is known to be done even when its token is forgotten and the lane has moved on', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const successor = successorOf(advance);
    const interrupted = makeInterruptedTables(tables, () =>
      cancelTask(tables, successor, cancelling()),
    );
    expect(await advanceLane(interrupted, { ...advance, successor })).toBe(true);
    const lane = await laneNow(tables, advance.lane);
    expect(lane).toMatchObject({ tasks: 1, revision: 3 });
    expect(lane.taskId).toBeUndefined();
  });

  it('F6: a second advance by the same attempt with another successor has not put it there', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const [first, second] = [successorOf(advance), successorOf(advance)];
    expect(await advanceLane(tables, { ...advance, successor: first })).toBe(true);
    expect(await advanceLane(tables, { ...advance, successor: second, token: newId() })).toBe(
      false,
    );
    expect(await readTask(tables, second.jobId, second.id)).toBeUndefined();
    expect(await laneNow(tables, advance.lane)).toMatchObject({ taskId: first.id, tasks: 1 });
  });

  it('F6: whether it counts is not known when the store stays silent, and trying again is safe', async () => {
    const tables = await make();
    const advance = await decidedTask(tables);
    const silent = makeFaultyTables(tables, () => 'lost-after');
    await expect(advanceLane(silent, advance)).rejects.toThrow(OutcomeUnknown);
    expect(await advanceLane(tables, { ...advance, token: newId() })).toBe(true);
    expect(await laneNow(tables, advance.lane)).toMatchObject({ tasks: 1, revision: 2 });
  });
}

function describeGuards(make: Make): void {
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

function describeCancelling(make: Make): void {
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

import { expect, it } from 'vitest';
import { advanceLane, cancelTask } from '#shared/store/finish.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import { taskKey } from '#shared/store/task-record.ts';
import { findLiveTasks, readTask, recordDecision } from '#shared/store/tasks.ts';
import {
  faultsOfWrites,
  LOST_ANSWERS,
  makeFaultyTables,
  makeInterruptedTables,
} from '../../faulty-tables.ts';
import {
  exampleDecision,
  laneNow,
  NOW,
  newId,
  offsets,
  runningTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { cancelling, decidedTask, successorOf } from './decided-task.ts';

/** What the store promises to the attempt that finishes a task. */
export function describeAdvancing(make: MakeTables): void {
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

  it('the lane knows the epoch before each of its offsets, as the decision says it, or not any more', async () => {
    const tables = await make();
    const epochs = (...known: [number, number][]) => new Map(known);
    const { lane, task } = await runningTask(tables, { epochs: epochs([1, 4], [2, 5]) });
    expect(await laneNow(tables, lane)).toEqual(lane);
    const decision = exampleDecision(task, { epochs: epochs([1, 7]) });
    await recordDecision(tables, task, decision);
    expect((await taskNow(tables, task)).decision).toEqual(decision);
    const base = await decidedTask(tables);
    const advance = { ...base, lane, task: { ...task, decision }, decision };
    const successor = successorOf(advance, {
      ...{ status: 'RUNNING', attempt: 1, owner: 'me', leaseUntil: NOW },
      epochs: epochs([1, 7]),
    });
    expect(await advanceLane(tables, { ...advance, successor })).toBe(true);
    const moved = await laneNow(tables, lane);
    expect(moved.epochs).toEqual(epochs([1, 7], [2, 5]));
    expect(await taskNow(tables, successor)).toEqual(successor);

    const silent = exampleDecision(successor, { to: offsets({ 1: 20, 2: 20 }) });
    await recordDecision(tables, successor, silent);
    const last = { ...base, lane: moved, task: { ...successor, decision: silent } };
    expect(await advanceLane(tables, { ...last, decision: silent, token: newId() })).toBe(true);
    expect(await laneNow(tables, lane)).not.toHaveProperty('epochs');
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

import { expect, it } from 'vitest';
import type { Task } from '#shared/domain/task.ts';
import { insertLane } from '#shared/store/lanes.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import { releaseTask, reofferLostTask } from '#shared/store/task-offers.ts';
import { claimTask, insertTask, recordDecision } from '#shared/store/tasks.ts';
import {
  faultsOfWrites,
  LOST_ANSWERS,
  makeFaultyTables,
  makeInterruptedTables,
} from '../../faulty-tables.ts';
import {
  exampleDecision,
  exampleError,
  exampleLane,
  exampleTask,
  NOW,
  offsets,
  runningTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { takenOver } from './taken-over.ts';

/** What the store promises about a decision: it is written once, and stands. */
export function describeDeciding(make: MakeTables): void {
  it.each([undefined, ...LOST_ANSWERS])(
    'F6: a decision stands, and its attempt knows it (fault: %s)',
    async (fault) => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const decision = exampleDecision(task);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await recordDecision(faulty, task, decision)).toBe(true);
      await faulty.arrive();
      expect(await taskNow(tables, task)).toEqual({ ...task, decision });
    },
  );

  it('F9: a zombie decides nothing once its task is offered again, nor while another runs it', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    await reofferLostTask(tables, task, { error: exampleError(task), now: NOW });
    expect(await recordDecision(tables, task, exampleDecision(task))).toBe(false);
    const again = await taskNow(tables, task);
    const second = (await claimTask(tables, again, { owner: 's', leaseUntil: NOW })) as Task;
    expect(await recordDecision(tables, task, exampleDecision(task))).toBe(false);
    expect(await taskNow(tables, task)).toEqual(second);
    expect(await recordDecision(tables, second, exampleDecision(second))).toBe(true);
  });

  it('a decision is written once', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const first = exampleDecision(task);
    await recordDecision(tables, task, first);
    const second = { ...exampleDecision(task), to: offsets({ 1: 12 }) };
    await recordDecision(tables, task, second);
    expect((await taskNow(tables, task)).decision).toEqual(first);
  });

  it('an empty decision has no handle', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const decision = exampleDecision(task, { handle: undefined });
    expect(await recordDecision(tables, task, decision)).toBe(true);
    expect((await taskNow(tables, task)).decision?.handle).toBeUndefined();
  });

  it('F6: whether it stands is not known when the store stays silent, and it may stand', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const decision = exampleDecision(task);
    const faulty = makeFaultyTables(tables, () => 'lost-after');
    await expect(recordDecision(faulty, task, decision)).rejects.toThrow(OutcomeUnknown);
    expect((await taskNow(tables, task)).decision).toEqual(decision);
  });

  it('F6, F9: a decision whose answer is lost still stands after another attempt took the task over', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const decision = exampleDecision(task);
    const interrupted = makeInterruptedTables(tables, () => takenOver(tables, task));
    expect(await recordDecision(interrupted, task, decision)).toBe(true);
    const second = await taskNow(tables, task);
    expect(second).toMatchObject({ attempt: 2, owner: 'second', decision });
    expect(await recordDecision(tables, second, exampleDecision(second))).toBe(false);
    expect((await taskNow(tables, task)).decision).toEqual(decision);
  });

  it('a decision stays with a task that is given back or offered again', async () => {
    const tables = await make();
    const { task } = await runningTask(tables);
    const decision = exampleDecision(task);
    await recordDecision(tables, task, decision);
    await releaseTask(tables, task, { error: exampleError(task), notBefore: NOW });
    const second = await claimTask(tables, await taskNow(tables, task), {
      owner: 'second',
      leaseUntil: NOW,
    });
    expect(second?.decision).toEqual(decision);
    const third = await takenOver(tables, second as Task);
    expect(third).toMatchObject({ attempt: 3, decision });
  });

  it('F14: a decision over 1,000 partitions fits beside its slice, with the longest offsets', async () => {
    const tables = await make();
    const long = 9_223_372_036_854_775_807n;
    const numbers = Array.from({ length: 1_000 }, (_, i) => 999_000 + i);
    const lane = exampleLane({ next: new Map(numbers.map((p) => [p, long - 1_000_000n])) });
    await insertLane(tables, lane);
    const slice = new Map(numbers.map((p) => [p, { from: long - 1_000_000n, to: long }]));
    const planned = exampleTask(lane, { slice });
    await insertTask(tables, lane, planned, lane.next);
    const task = (await claimTask(tables, planned, { owner: 'me', leaseUntil: NOW })) as Task;
    const decision = exampleDecision(task);
    expect(await recordDecision(tables, task, decision)).toBe(true);
    expect(await taskNow(tables, task)).toEqual({ ...task, decision });
  });
}

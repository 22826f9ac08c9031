import { describe, expect, it } from 'vitest';
import { divide, laneCount } from '#shared/domain/division.ts';
import type { Task } from '#shared/domain/task.ts';
import { deleteDeadLane, insertLane, readLane, readLanes } from '#shared/store/lanes.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import {
  claimTask,
  findLiveTasks,
  insertTask,
  listTasks,
  markInDoubt,
  readTask,
  recordDecision,
  releaseTask,
  renewLease,
  reofferLostTask,
  touchPendingTask,
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
  exampleLane,
  exampleTask,
  laneNow,
  NOW,
  offsets,
  plannedTask,
  runningTask,
  taskNow,
} from './store-examples.ts';

/** What the store promises about lanes and about a task up to its decision, on any tables. */

type Make = () => Promise<Tables>;

/** The lease ran out: the task is offered again and another loader has claimed it. */
async function takenOver(tables: Tables, task: Task): Promise<Task> {
  await reofferLostTask(tables, task, { error: exampleError(task), now: NOW + 1 });
  const again = await taskNow(tables, task);
  const claimed = await claimTask(tables, again, { owner: 'second', leaseUntil: NOW + 120_000 });
  if (!claimed) throw new Error('the task is not free');
  return claimed;
}

/** @param make new and empty tables for every test */
export function describeTaskStore(name: string, make: Make): void {
  describe(`lanes in the store: ${name}`, () => describeLanes(make));
  describe(`tasks in the store: ${name}`, () => {
    describe('planning', () => describePlanning(make));
    describe('claiming', () => describeClaiming(make));
    describe('running', () => describeRunning(make));
    describe('deciding', () => describeDeciding(make));
    describe('offering again', () => describeOffering(make));
  });
}

function describeLanes(make: Make): void {
  it('a lane comes back as it was written, and by its generation and number', async () => {
    const tables = await make();
    const lane = exampleLane({ until: offsets({ 1: 50, 2: 9_223_372_036_854_775_807n }) });
    const lanes = [lane, { ...lane, index: 1 }, { ...lane, generation: 2 }];
    for (const each of lanes.toReversed()) expect(await insertLane(tables, each)).toBe(true);
    expect(await readLanes(tables, lane.jobId)).toEqual(lanes);
    expect(await readLane(tables, { ...lane, index: 1 })).toEqual(lanes[1]);
    expect(await readLane(tables, { ...lane, index: 2 })).toBeUndefined();
  });

  it.each(LOST_ANSWERS)(
    'F6: a lane whose answer is lost (%s) is known to be there',
    async (fault) => {
      const tables = await make();
      const lane = exampleLane();
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await insertLane(faulty, lane)).toBe(true);
      expect(await laneNow(tables, lane)).toEqual(lane);
    },
  );

  it('F5: a lane written again keeps what has happened to it since', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    expect(await insertLane(tables, { ...lane, taskId: undefined, revision: 0 })).toBe(true);
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it('a dead lane is swept, but not while a task holds it', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    const free = exampleLane({ jobId: lane.jobId, index: 1 });
    await insertLane(tables, free);
    for (const each of [lane, free, free]) await deleteDeadLane(tables, each);
    expect(await readLanes(tables, lane.jobId)).toEqual([lane]);
  });

  it('F14: 10,000 partitions in the fewest lanes fit, at the longest offsets and with the longest numbers', async () => {
    const tables = await make();
    const long = 9_223_372_036_854_775_807n;
    const { jobId } = exampleLane();
    const partitions = Array.from({ length: 10_000 }, (_, i) => 990_000 + i);
    const n = laneCount({ partitions: partitions.length, desiredConcurrency: 1 });
    for (const [index, mine] of divide(partitions, n).entries()) {
      const all = new Map(mine.map((partition) => [partition, long] as const));
      // They began at twenty different times.
      const start = new Map(
        mine.map(
          (partition) =>
            [partition, { offset: long, generation: 1 + (partition % 20), at: NOW }] as const,
        ),
      );
      const lane = exampleLane({ jobId, index, next: all, until: all, ends: all, start });
      expect(await insertLane(tables, lane)).toBe(true);
      expect(await laneNow(tables, lane)).toEqual(lane);
    }
    expect(await readLanes(tables, jobId)).toHaveLength(n);
  });
}

function describePlanning(make: Make): void {
  it('a planned task has the lane, and the lane says so', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane);
    const ends = offsets({ 1: 101, 2: 202 });
    expect(await insertTask(tables, lane, task, ends)).toBe(true);
    expect(await taskNow(tables, task)).toEqual(task);
    expect(await laneNow(tables, lane)).toEqual({
      ...lane,
      taskId: task.id,
      revision: 1,
      ends,
      plannedAt: NOW,
    });
    expect((await findLiveTasks(tables)).count).toBe(1);
  });

  it('F5: of planners at once one wins, and the others leave no task', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const tasks = Array.from({ length: 4 }, () => exampleTask(lane));
    const won = await Promise.all(tasks.map((task) => insertTask(tables, lane, task, lane.ends)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = tasks[won.indexOf(true)];
    expect((await laneNow(tables, lane)).taskId).toBe(winner?.id);
    expect((await listTasks(tables, lane.jobId, { limit: 9 })).tasks).toEqual([winner]);
  });

  it('a lane that is held, has moved on, or is gone gets no task', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    const missing = exampleLane();
    const moved = exampleLane({ revision: 3 });
    await insertLane(tables, moved);
    for (const read of [lane, { ...moved, revision: 2 }, missing]) {
      const task = exampleTask(read);
      expect(await insertTask(tables, read, task, read.ends)).toBe(false);
      expect(await readTask(tables, task.jobId, task.id)).toBeUndefined();
    }
    expect(await readLane(tables, missing)).toBeUndefined();
  });

  it('a task for another revision of the lane is refused', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane, { laneRevision: 0 });
    await expect(insertTask(tables, lane, task, lane.ends)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it.each(LOST_ANSWERS)('F6: a plan whose answer is lost (%s) is known to stand', async (fault) => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane);
    const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
    expect(await insertTask(faulty, lane, task, lane.ends)).toBe(true);
    await faulty.arrive();
    expect(await laneNow(tables, lane)).toMatchObject({ taskId: task.id, revision: 1 });
    expect((await listTasks(tables, lane.jobId, { limit: 9 })).tasks).toEqual([task]);
  });

  it('tasks are listed newest first, page by page', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    for (const index of [1, 2]) await plannedTask(tables, { jobId: lane.jobId, index });
    const first = await listTasks(tables, lane.jobId, { limit: 2 });
    const rest = await listTasks(tables, lane.jobId, { limit: 2, cursor: first.cursor });
    expect([...first.tasks, ...rest.tasks].map((task) => task.lane)).toEqual([2, 1, 0]);
  });
}

function describeClaiming(make: Make): void {
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

function describeRunning(make: Make): void {
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

function describeDeciding(make: Make): void {
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

function describeOffering(make: Make): void {
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

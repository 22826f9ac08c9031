import { describe, expect, it } from 'vitest';
import { type BadOffsets, MOST_RANGES } from '#shared/domain/bad-offsets.ts';
import { mergeRanges } from '#shared/domain/offset-ranges.ts';
import { newRedriveLane, type RedriveRequest, sliceOfLetters } from '#shared/domain/redrive.ts';
import type { Decision, Task } from '#shared/domain/task.ts';
import { badOffsetsFor, listDeadLetters, wantedDeadLetters } from '#shared/store/dead-letters.ts';
import { type Advance, advanceLane, cancelTask } from '#shared/store/finish.ts';
import { insertLane } from '#shared/store/lanes.ts';
import type { Tables } from '#shared/store/tables.ts';
import { claimTask, insertTask, recordDecision } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../faulty-tables.ts';
import {
  exampleDecision,
  exampleTask,
  laneNow,
  NOW,
  newId,
  offsets,
  runningTask,
  taskNow,
} from '../store-examples.ts';

/** What the store promises about dead letters, on any tables: none is loaded twice, none is forgotten. */

type Make = () => Promise<Tables>;

const LOCATION = '_dead_letters/flights.ndjson';

/** Two of five records were bad. */
const COUNTS = new Map([[1, { rows: 3, rejected: 2, skipped: 0, filtered: 0 }]]);

/** Dead letters that the sink has, or that the topic has. */
type Left = Pick<Decision, 'deadLetters' | 'badOffsets'>;
const KEPT: Left = { deadLetters: LOCATION };
const BAD: BadOffsets = {
  topicId: 'topic-1',
  known: new Map([[1, [{ from: 12n, to: 13n }]]]),
  notListed: 1,
  notKept: 0,
};

function endOf(lane: Advance['lane'], task: Task, left: Left = KEPT): Advance {
  const decision = exampleDecision(task, {
    ...left,
    statistics: { counts: COUNTS, bytes: 500, writtenBytes: 300, badRows: [], policies: [] },
    ...(task.redrive && { to: new Map() }),
  });
  return {
    lane,
    task: { ...task, decision },
    decision,
    errorWindow: { rows: 5, bad: 2 },
    ends: task.redrive ? new Map() : offsets({ 1: 110, 2: 220 }),
    now: NOW + 10,
    token: newId(),
    retentionDays: 7,
  };
}

/** A task that is DONE and left two dead letters. */
async function rejected(tables: Tables, left?: Left): Promise<Task> {
  const { lane, task } = await runningTask(tables);
  const end = endOf(lane, task, left);
  await recordDecision(tables, task, end.decision);
  expect(await advanceLane(tables, end)).toBe(true);
  return task;
}

const lettersNow = async (tables: Tables, jobId: string) =>
  (await listDeadLetters(tables, jobId, { limit: 10 })).letters;

const lettersKey = ({ jobId, id }: Task) =>
  ({ table: 'jobs', pk: `JOB#${jobId}`, sk: `LETTERS#${id}` }) as const;

/** A redrive lane of the task's job, and the task that would load what that left. */
async function planned(tables: Tables, left: Task): Promise<{ lane: Advance['lane']; task: Task }> {
  const letters = await lettersNow(tables, left.jobId);
  const lane = newRedriveLane({ id: left.jobId, generation: 1 }, NOW);
  await insertLane(tables, lane);
  const task = exampleTask(lane, {
    slice: sliceOfLetters(letters),
    redrive: {
      request: 'R1',
      letters: letters.map(({ taskId, location }) => ({ taskId, ...(location && { location }) })),
    },
  });
  return { lane, task };
}

async function running(tables: Tables, from: Task, left?: Left): Promise<Advance> {
  const { lane, task } = await planned(tables, from);
  expect(await insertTask(tables, lane, task, lane.ends)).toBe(true);
  const claimed = await claimTask(tables, task, { owner: 'first', leaseUntil: NOW + 60_000 });
  const end = endOf(await laneNow(tables, lane), claimed!, left);
  await recordDecision(tables, claimed!, end.decision);
  return end;
}

/** @param make new and empty tables for every test */
export function describeRedriving(name: string, make: Make): void {
  describe(`dead letters in the store: ${name}`, () => {
    it('are written down by the end of their task, with where they come from', async () => {
      const tables = await make();
      const task = await rejected(tables);
      expect(await lettersNow(tables, task.jobId)).toEqual([
        {
          jobId: task.jobId,
          taskId: task.id,
          location: LOCATION,
          rows: 2,
          bytes: 200,
          slice: new Map([[1, { from: 10n, to: 15n }]]),
          at: NOW + 10,
        },
      ]);
    });

    it('are gone with the end of the task that loaded them, which leaves its own and moves no offsets', async () => {
      const tables = await make();
      const first = await rejected(tables);
      const end = await running(tables, first);
      expect(await advanceLane(tables, end)).toBe(true);
      const left = await lettersNow(tables, first.jobId);
      expect(left.map(({ taskId, request }) => [taskId, request])).toEqual([[end.task.id, 'R1']]);
      const lane = await laneNow(tables, end.lane);
      expect([lane.next.size, lane.rows, lane.taskId]).toEqual([0, 3, undefined]);
    });

    it('that were loaded again cannot be planned once more', async () => {
      const tables = await make();
      const first = await rejected(tables);
      const late = await planned(tables, first);
      const end = await running(tables, first);
      await advanceLane(tables, end);
      const lane = await laneNow(tables, end.lane);
      const task = { ...late.task, laneRevision: lane.revision + 1 };
      expect(await insertTask(tables, lane, task, lane.ends)).toBe(false);
    });

    it('wait on when the task that was to load them is cancelled', async () => {
      const tables = await make();
      const first = await rejected(tables);
      const { lane, task } = await planned(tables, first);
      await insertTask(tables, lane, task, lane.ends);
      const ending = { now: NOW + 10, token: newId(), retentionDays: 7 };
      expect(await cancelTask(tables, task, ending)).toBe(true);
      expect((await lettersNow(tables, first.jobId)).map(({ taskId }) => taskId)).toEqual([
        first.id,
      ]);
    });

    it('are wanted up to the request’s task, and not those that the request itself left', async () => {
      const tables = await make();
      const first = await rejected(tables);
      const request: RedriveRequest = { id: 'R1', upTo: first.id, at: NOW };
      const wanted = async (fields: Partial<RedriveRequest> = {}) =>
        (await wantedDeadLetters(tables, first.jobId, { ...request, ...fields })).length;
      expect(await wanted()).toBe(1);
      expect(await wanted({ upTo: '0' })).toBe(0);
      await advanceLane(tables, await running(tables, first));
      expect(await wanted({ upTo: 'Z' })).toBe(0);
      expect(await wanted({ upTo: 'Z', id: 'R2' })).toBe(1);
    });

    it('that the topic has are their offsets, with about what is read to have them again', async () => {
      const tables = await make();
      const task = await rejected(tables, { badOffsets: BAD });
      const [letters, ...others] = await lettersNow(tables, task.jobId);
      expect(others).toEqual([]);
      expect(letters).toEqual({
        jobId: task.jobId,
        taskId: task.id,
        badOffsets: BAD,
        rows: 1,
        bytes: 100 + 65_536,
        slice: new Map([[1, { from: 10n, to: 15n }]]),
        at: NOW + 10,
      });
      expect((await taskNow(tables, task)).decision?.badOffsets).toEqual(BAD);
    });

    it('that the topic has lie between the first and the last where all are known', async () => {
      const tables = await make();
      const known = mergeRanges([
        [1, { from: 11n, to: 12n }],
        [1, { from: 13n, to: 14n }],
      ]);
      const task = await rejected(tables, { badOffsets: { known, notListed: 0, notKept: 0 } });
      const [letters] = await lettersNow(tables, task.jobId);
      expect([letters?.rows, letters?.slice]).toEqual([2, new Map([[1, { from: 11n, to: 14n }]])]);
    });

    it('that the topic has are for the task that loads them again, until it has ended', async () => {
      const tables = await make();
      const first = await rejected(tables, { badOffsets: BAD });
      const end = await running(tables, first, { badOffsets: { ...BAD, notListed: 0 } });
      expect(end.task.redrive?.letters).toEqual([{ taskId: first.id }]);
      expect(await badOffsetsFor(tables, end.task)).toEqual([BAD]);
      expect(await advanceLane(tables, end)).toBe(true);
      const left = await lettersNow(tables, first.jobId);
      expect(left.map(({ taskId, request }) => [taskId, request])).toEqual([[end.task.id, 'R1']]);
      await expect(badOffsetsFor(tables, end.task)).rejects.toMatchObject({
        code: 'DEAD_LETTERS_UNAVAILABLE',
      });
    });

    it('of a slice fit their items, however scattered they are', async () => {
      const tables = await make();
      const late = 9_223_372_036_000_000_000n;
      const scattered = Array.from({ length: MOST_RANGES }, (_, i) => {
        const from = late + 20_000n * BigInt(i);
        return [i % 1_000, { from, to: from + 10_000n }] as const;
      });
      const badOffsets = { ...BAD, known: mergeRanges(scattered) };
      const first = await rejected(tables, { badOffsets });
      expect(JSON.stringify((await tables.get(lettersKey(first)))?.badOffsets).length).toBeLessThan(
        150_000,
      );
      const end = await running(tables, first, { badOffsets });
      expect(await badOffsetsFor(tables, end.task)).toEqual([badOffsets]);
      expect(await advanceLane(tables, end)).toBe(true);
    });

    it.each(LOST_ANSWERS)('go and come once when the answer to the end is %s', async (fault) => {
      const tables = await make();
      const first = await rejected(tables);
      const end = await running(tables, first);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await advanceLane(faulty, end)).toBe(true);
      await faulty.arrive();
      expect((await taskNow(tables, end.task)).status).toBe('DONE');
      expect((await lettersNow(tables, first.jobId)).map(({ taskId }) => taskId)).toEqual([
        end.task.id,
      ]);
    });
  });
}

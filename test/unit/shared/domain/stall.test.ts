import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JobSpec, jobSpec } from '#shared/domain/job-spec.ts';
import { JOB_STATES, type JobState } from '#shared/domain/job-state.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { newRedriveLane } from '#shared/domain/redrive.ts';
import { judgeStall, laneLag } from '#shared/domain/stall.ts';
import type { Task } from '#shared/domain/task.ts';
import { laneOf, taskOf } from '../../../support/job-states.ts';

const spec: JobSpec = jobSpec.parse({
  name: 'a',
  source: { kafka: { brokers: ['b:1'], topic: 't' } },
  destination: { file: { table: 't' } },
});

const lagging = { next: new Map([[0, 1n]]), ends: new Map([[0, 9n]]) };

function judge(options: {
  lanes: Lane[];
  now: number;
  tasks?: Task[];
  state?: JobState;
  cycleMs?: number;
  runningSince?: number;
  interval?: number;
  note?: string;
}) {
  const reason = { code: 'SCHEDULED', message: '', at: options.runningSince ?? 0 } as const;
  return judgeStall({
    job: {
      state: options.state ?? 'RUNNING',
      reason,
      spec: { ...spec, batch: { ...spec.batch, maxIntervalSeconds: options.interval ?? 10 } },
      ...(options.note && { note: { code: 'NO_CAPACITY', message: options.note, at: 0 } }),
    },
    lanes: options.lanes,
    tasks: options.tasks ?? [],
    now: options.now,
    cycleMs: options.cycleMs ?? 1_000,
  });
}

describe('patience', () => {
  test.each([
    ['five batch intervals', 10, 1_000, 50_000],
    ['five cycles, when those are longer', 10, 60_000, 300_000],
    ['five batch intervals, when those are longer', 3_600, 60_000, 18_000_000],
  ])('it is %s', (_, interval, cycleMs, patience) => {
    const lanes = [laneOf('j', lagging)];

    expect(judge({ lanes, interval, cycleMs, now: patience - 1 })).toBeUndefined();
    expect(judge({ lanes, interval, cycleMs, now: patience })).toMatchObject({
      since: 0,
      lanes: [0],
    });
  });

  test.each([
    ['the last commit', { committedAt: 7_000 }, 0],
    ['the last plan, before which nobody knew of the lag', { plannedAt: 7_000 }, 0],
    ['the moment the job began to run', { committedAt: 1_000 }, 7_000],
  ])('it counts from %s', (_, times, runningSince) => {
    const lanes = [laneOf('j', { ...lagging, ...times })];

    expect(judge({ lanes, runningSince, now: 56_999 })).toBeUndefined();
    expect(judge({ lanes, runningSince, now: 57_000 })).toMatchObject({ since: 7_000 });
  });
});

test('a lane for dead letters, which owns no partition, is not among those that it counts', () => {
  const redriving = newRedriveLane({ id: 'j', generation: 1 }, 0);
  const stall = judge({ lanes: [laneOf('j', lagging), redriving], now: 1e12 });
  expect(stall?.message).toMatch(/^1 of 1 lanes /);
});

test.each(JOB_STATES.filter((state) => state !== 'RUNNING'))(
  'a %s job is never stalled',
  (state) => {
    expect(judge({ lanes: [laneOf('j', lagging)], state, now: 1e12 })).toBeUndefined();
  },
);

test('lanes without lag are not stalled, nor those of a bounded job that are at their end', () => {
  const done = laneOf('j', { ...lagging, until: new Map([[0, 1n]]) });

  expect(total(done)).toBe(0n);
  expect(judge({ lanes: [laneOf('j'), done], now: 1e12 })).toBeUndefined();
});

test('one lane that stands still is enough, and is named', () => {
  const lanes = [0, 1, 2].map((index) =>
    laneOf('j', { ...lagging, index, ...(index !== 1 && { committedAt: 99_000 }) }),
  );

  expect(judge({ lanes, now: 100_000 })).toMatchObject({
    lanes: [1],
    message: '1 of 3 lanes have lag and committed nothing for 50 s or longer: no error is known',
  });
});

test('the newest error of the lanes that stand still explains it, else the note', () => {
  const lanes = [laneOf('j', lagging), laneOf('j', { index: 1, next: new Map(), ends: new Map() })];
  const failed = (lane: Lane, at: number) =>
    taskOf(lane, { error: { code: 'KAFKA_ERROR', message: `failed at ${at}`, at, attempt: 1 } });
  const tasks = [failed(lanes[0]!, 10), failed(lanes[0]!, 20), failed(lanes[1]!, 30)];

  const explained = judge({ lanes, tasks, note: 'all busy', now: 1e6 });

  expect(explained?.lastError?.at).toBe(20);
  expect(explained?.message).toMatch(/: failed at 20$/);
  expect(judge({ lanes, note: 'all busy', now: 1e6 })?.message).toMatch(/: all busy$/);
});

test('once stalled, a job stays so until something moves', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), (now, committedAt, later) => {
      const lanes = [laneOf('j', { ...lagging, committedAt })];
      const before = judge({ lanes, now });
      if (before) expect(judge({ lanes, now: now + later })).toEqual(before);
    }),
  );
});

function total(lane: Lane): bigint {
  return [...laneLag(lane).values()].reduce((sum, lag) => sum + lag, 0n);
}

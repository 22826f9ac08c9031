import { describe, expect, it } from 'vitest';
import { jobFigures } from '../../../functions/scheduler/job-figures.ts';
import { measureCycle } from '../../../functions/scheduler/measure-cycle.ts';
import type { UnloadedAge } from '../../../functions/scheduler/observe-age.ts';
import type { Observed } from '../../../functions/scheduler/observed.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import type { Measured } from '../../../functions/shared/observe/meter.ts';
import {
  exampleJob,
  exampleLane,
  exampleLog,
  exampleTask,
  NOW,
} from '../../support/planning-examples.ts';

const SINCE = NOW - 400_000;
const running = exampleJob({
  state: 'RUNNING',
  generation: 1,
  reason: { code: 'SCHEDULED', message: '', at: SINCE },
});
const AT = { cycleMs: 60_000, now: NOW };

function observed(fields: Partial<Observed> = {}): Observed {
  return { job: running, lanes: [], tasks: new Map(), room: 10, capacity: 10, ...fields };
}

describe('the figures of a job', () => {
  it('count the records of all lanes that are not loaded, and the least headroom', () => {
    const lanes = [
      exampleLane([[0, 40n]], { committedAt: NOW - 30_000 }),
      exampleLane([[1, 100n]], { index: 1 }),
    ];
    const source = exampleLog([10n, 50n], [95n, 105n]);

    expect(jobFigures(observed({ lanes, source }), [], AT)).toMatchObject({
      lagRecords: 15,
      lagSeconds: 400,
      retentionHeadroomRecords: 5,
    });
  });

  it('have no headroom to tell when everything is loaded, and no lag when nobody looked', () => {
    const lanes = [exampleLane([[0, 50n]])];
    const done = jobFigures(observed({ lanes, source: exampleLog([10n, 50n]) }), [], AT);
    const failed = new LoadFailure('BROKER_UNREACHABLE', 'gone');

    expect(done).toMatchObject({ lagRecords: 0, lagSeconds: 0 });
    expect(done).not.toHaveProperty('retentionHeadroomRecords');
    expect(jobFigures(observed({ lanes, source: failed }), [], AT)).not.toHaveProperty(
      'lagRecords',
    );
  });

  it('have an age and the hours that it leaves, in the cycles that asked for them', () => {
    const lanes = [exampleLane([[0, 1n]])];
    const log = exampleLog([0n, 9n]);
    const figures = (age: UnloadedAge | undefined) =>
      jobFigures(observed({ lanes, source: { ...log, age } }), [], AT);
    const hour = 3_600_000;

    expect(figures({ ageMs: hour, retentionMs: 24 * hour })).toMatchObject({
      unloadedAgeSeconds: 3_600,
      hoursUntilLoss: 23,
    });
    expect(figures({ ageMs: 30 * hour, retentionMs: 24 * hour }).hoursUntilLoss).toBe(0);
    expect(figures({ ageMs: hour })).not.toHaveProperty('hoursUntilLoss');
    const full = { ageMs: hour, msUntilFull: 3 * hour };
    expect(figures(full).hoursUntilLoss).toBe(3);
    expect(figures({ ...full, retentionMs: 24 * hour }).hoursUntilLoss).toBe(3);
    expect(figures({ ...full, retentionMs: 2 * hour }).hoursUntilLoss).toBe(1);
    expect(figures(undefined)).not.toHaveProperty('unloadedAgeSeconds');
  });

  it.each([
    ['TOO_MANY_BAD_ROWS', undefined, [true, false]],
    ['PAUSED_BY_USER', undefined, [false, false]],
    ['SINK_UNREACHABLE', { attempts: 1, nextAt: NOW }, [false, false]],
    ['SINK_UNREACHABLE', { attempts: 2, nextAt: NOW }, [false, true]],
  ] as const)('tell of a job that is paused for %s, resume %j: held, retrying: %j', (...given) => {
    const [code, resume, expected] = given;
    const job = {
      ...running,
      state: 'PAUSED',
      reason: { code, message: '', at: NOW },
      resume,
    } as const;

    const { isHeld, isRetrying } = jobFigures(observed({ job }), [], AT);

    expect([isHeld, isRetrying]).toEqual(expected);
  });

  it('tell of stalls, doubt and missing room', () => {
    const lanes = [exampleLane([[0, 1n]], { ends: new Map([[0, 9n]]), taskId: 'K1' })];
    const tasks = new Map([['K1', exampleTask({ status: 'IN_DOUBT' })]]);
    const note = { code: 'NO_CAPACITY', message: '', at: NOW } as const;

    expect(jobFigures(observed({ lanes, tasks }), [{ kind: 'note', note }], AT)).toEqual({
      isStalled: true,
      isInDoubt: true,
      isSkipped: true,
      isHeld: false,
      isRetrying: false,
    });
    const cleared = jobFigures(
      observed({ job: { ...running, note } }),
      [{ kind: 'note', note: undefined }],
      AT,
    );
    expect(cleared.isSkipped).toBe(false);
    expect(jobFigures(observed({ job: { ...running, note } }), [], AT).isSkipped).toBe(true);
  });
});

it('a cycle is measured at its end: each job once, by its last look, and the sums', () => {
  const written: [object, Measured | undefined][] = [];
  const clock = { now: () => NOW, sleep: async () => undefined };
  const measurement = measureCycle((values, about) => written.push([values, about]), {
    clock,
    cycleMs: 60_000,
  });
  const lanes = [exampleLane([[0, 0n]])];
  measurement.onVisit(observed({ lanes, source: exampleLog([0n, 99n]) }), []);
  measurement.onVisit(observed({ lanes, source: exampleLog([0n, 7n]) }), []);
  expect(written).toEqual([]);

  measurement.end(
    { jobs: 1, actions: 3, left: 2, failures: 4 },
    { gbSeconds: 0.5, calls: 9, readUnits: 4, writeUnits: 2 },
  );

  expect(written).toEqual([
    [
      { LagRecords: 7, LagSeconds: 400, RetentionHeadroomRecords: 0 },
      { jobId: running.id, job: 'flights' },
    ],
    [
      {
        Cycles: 1,
        JobsVisited: 1,
        JobsLeft: 2,
        JobsFailed: 4,
        JobsSkipped: 0,
        JobsStalled: 0,
        JobsInDoubt: 0,
        JobsHeld: 0,
        JobsRetrying: 0,
        CycleGbSeconds: 0.5,
        CycleReadUnits: 4,
        CycleWriteUnits: 2,
      },
      undefined,
    ],
  ]);
});

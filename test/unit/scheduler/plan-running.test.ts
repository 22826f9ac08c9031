import { describe, expect, it } from 'vitest';
import { jobFigures } from '../../../functions/scheduler/job-figures.ts';
import type { Action } from '../../../functions/scheduler/observed.ts';
import { plan } from '../../../functions/scheduler/plan.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import {
  exampleJob,
  exampleLane,
  exampleLog,
  NOW,
  observe,
  SETTINGS,
} from '../../support/planning-examples.ts';

const state = { state: 'RUNNING', generation: 1, topicId: 'topic-1' } as const;
const job = exampleJob(state);

const slices = (actions: Action[]) =>
  actions.flatMap((action) =>
    action.kind === 'plan-slice'
      ? [[...action.slice].map(([p, { from, to }]) => [p, from, to])]
      : [],
  );

describe('a running job', () => {
  it('gets a slice for every idle lane with lag, up to the log end', () => {
    const lanes = [
      exampleLane([[0, 3n]]),
      exampleLane([[1, 9n]], { index: 1 }),
      exampleLane([[2, 0n]], { index: 2, taskId: 'K9' }),
    ];
    const source = exampleLog([0n, 9n], [0n, 9n], [0n, 9n]);
    expect(slices(plan(observe(job, { lanes, source }), SETTINGS, NOW))).toEqual([[[0, 3n, 9n]]]);
  });

  it('is planned in a time that goes with its partitions, not with those times its lanes', () => {
    let looks = 0;
    class CountedMap extends Map<number, bigint> {
      override *[Symbol.iterator](): MapIterator<[number, bigint]> {
        for (const entry of this.entries()) {
          looks += 1;
          yield entry;
        }
      }
    }
    const all = Array.from({ length: 400 }, (_, partition) => partition);
    const lanes = all.slice(0, 200).map((index) =>
      exampleLane(
        [
          [index, 0n],
          [index + 200, 0n],
        ],
        { index },
      ),
    );
    const many = exampleJob(state, {}, { desiredConcurrency: 200 });
    const log = exampleLog(...all.map((): [bigint, bigint] => [0n, 9n]));
    const source = { ...log, latest: new CountedMap(log.latest) };
    const observed = observe(many, { lanes, source, room: 200 });

    const actions = plan(observed, SETTINGS, NOW);
    jobFigures(observed, actions, { cycleMs: SETTINGS.cycleMs, now: NOW });

    expect(slices(actions)).toHaveLength(200);
    expect(looks).toBeLessThanOrEqual(10 * all.length);
  });

  it('costs nothing while it is idle', () => {
    const lanes = [exampleLane([[0, 9n]])];
    expect(plan(observe(job, { lanes, source: exampleLog([0n, 9n]) }), SETTINGS, NOW)).toEqual([]);
  });

  it('gives the lanes that have waited longest what room there is', () => {
    const lanes = [NOW - 1_000_000, NOW - 3_000_000, NOW - 2_000_000].map((plannedAt, index) =>
      exampleLane([[index, 0n]], { index, plannedAt }),
    );
    const source = exampleLog([0n, 9n], [0n, 9n], [0n, 9n]);
    const planned = slices(plan(observe(job, { lanes, source, room: 2 }), SETTINGS, NOW));
    expect(planned).toEqual([[[1, 0n, 9n]], [[2, 0n, 9n]]]);
  });

  it('says why when there is no room, and clears the note when there is', () => {
    const lanes = [exampleLane([[0, 0n]]), exampleLane([[1, 0n]], { index: 1 })];
    const observed = observe(job, { lanes, source: exampleLog([0n, 9n], [0n, 9n]), room: 1 });
    const actions = plan(observed, SETTINGS, NOW);
    expect(actions.map(({ kind }) => kind)).toEqual(['plan-slice', 'note']);

    const note = actions.flatMap((action) => (action.kind === 'note' ? [action.note] : []))[0];
    const still = plan({ ...observed, job: { ...job, note } }, SETTINGS, NOW + 60_000);
    expect(still.map(({ kind }) => kind)).toEqual(['plan-slice']);
    const later = plan({ ...observed, job: { ...job, note }, room: 9 }, SETTINGS, NOW);
    expect(later.map(({ kind }) => kind)).toEqual(['plan-slice', 'plan-slice', 'note']);
  });

  it('F26: is divided anew when partitions were added, unless its partitions are fixed', () => {
    const lanes = [exampleLane([[0, 9n]])];
    const source = exampleLog([0n, 9n], [0n, 9n]);
    expect(plan(observe(job, { lanes, source }), SETTINGS, NOW)).toMatchObject([
      { kind: 'change-state', to: 'NEED_SCHEDULE', code: 'PARTITIONS_CHANGED' },
    ]);
    const fixed = exampleJob(state, { partitions: [0] });
    expect(plan(observe(fixed, { lanes, source }), SETTINGS, NOW)).toEqual([]);
  });

  it('F23: pauses when retention has passed a next offset, or is divided anew where its policy says so', () => {
    const lanes = [exampleLane([[0, 3n]])];
    const source = exampleLog([5n, 9n]);
    expect(plan(observe(job, { lanes, source }), SETTINGS, NOW)).toMatchObject([
      { to: 'PAUSED', code: 'OFFSET_OUT_OF_RANGE' },
    ]);
    const skips = exampleJob(state, {}, { policies: { offsetOutOfRange: 'earliest' } });
    expect(plan(observe(skips, { lanes, source }), SETTINGS, NOW)).toMatchObject([
      { to: 'NEED_SCHEDULE', code: 'OFFSET_OUT_OF_RANGE' },
    ]);
  });

  it('F25: waits at an offset behind the last stable one, and takes one behind the log for lost', () => {
    const lanes = [exampleLane([[0, 9n]])];
    const job = exampleJob(state, {}, { policies: { offsetOutOfRange: 'earliest' } });
    const at = (written: bigint) => {
      const source = { ...exampleLog([0n, 5n]), written: new Map([[0, written]]) };
      return plan(observe(job, { lanes, source }), SETTINGS, NOW);
    };
    expect(at(9n)).toEqual([]);
    expect(at(8n)).toMatchObject([{ to: 'NEED_SCHEDULE', code: 'OFFSET_OUT_OF_RANGE' }]);
  });

  it('is COMPLETED when a bounded job has loaded everything', () => {
    const bounded = exampleJob(state, { endOffsets: 'latest' });
    const until = new Map([[0, 7n]]);
    const at = (next: bigint) =>
      plan(
        observe(bounded, {
          lanes: [exampleLane([[0, next]], { until })],
          source: exampleLog([0n, 9n]),
        }),
        SETTINGS,
        NOW,
      );
    expect(slices(at(4n))).toEqual([[[0, 4n, 7n]]]);
    expect(at(7n)).toMatchObject([{ to: 'COMPLETED', code: 'ALL_LOADED' }]);
  });

  it('bears a cluster that does not answer for three cycles, then pauses', () => {
    const source = new LoadFailure('BROKER_UNREACHABLE', 'b:9092 does not answer');
    const noted = plan(observe(job, { source }), SETTINGS, NOW);
    expect(noted).toMatchObject([{ kind: 'note', note: { code: 'BROKER_UNREACHABLE' } }]);
    const note = noted.flatMap((action) => (action.kind === 'note' ? [action.note] : []))[0];

    const again = observe({ ...job, note }, { source });
    expect(plan(again, SETTINGS, NOW + 179_999)).toEqual([]);
    expect(plan(again, SETTINGS, NOW + 180_000)).toMatchObject([{ to: 'PAUSED' }]);
  });

  it('pauses at once for bad credentials', () => {
    const source = new LoadFailure('BROKER_AUTH_FAILED', 'refused');
    expect(plan(observe(job, { source }), SETTINGS, NOW)).toMatchObject([{ to: 'PAUSED' }]);
  });
});

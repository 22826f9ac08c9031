import { describe, expect, it } from 'vitest';
import { plan } from '../../../functions/scheduler/plan.ts';
import { planStall } from '../../../functions/scheduler/plan-stall.ts';
import { tellStall } from '../../../functions/shared/domain/change-job.ts';
import {
  exampleJob,
  exampleLane,
  exampleLog,
  exampleTask,
  NOW,
  observe,
  SETTINGS,
} from '../../support/planning-examples.ts';

const running = exampleJob({
  state: 'RUNNING',
  generation: 1,
  reason: { code: 'SCHEDULED', message: '', at: NOW - 900_000 },
});
const lag = { ends: new Map([[0, 9n]]), taskId: 'K1', plannedAt: NOW - 800_000 };
const still = [exampleLane([[0, 1n]], lag)];
const moving = [exampleLane([[0, 5n]], { ...lag, committedAt: NOW - 1_000 })];
const error = { code: 'SINK_UNREACHABLE', message: 'refused', at: NOW, attempt: 1 } as const;
const tasks = new Map([
  ['K1', exampleTask({ status: 'RUNNING', leaseUntil: NOW + 60_000, attempt: 1, error })],
]);
const at = { settings: SETTINGS, now: NOW };
const told = { ...running, stalledSince: NOW - 800_000 };

describe('a stall', () => {
  it('is told of when it begins, with since when and why', () => {
    const [action] = planStall(observe(running, { lanes: still, tasks }), at);
    if (action?.kind !== 'tell-stall') throw new Error('a stall must be told');

    const { after, entry } = tellStall(running, action.stall, { token: 'T2', now: NOW });

    expect(after).toMatchObject({ state: 'RUNNING', stalledSince: NOW - 800_000 });
    expect(entry).toMatchObject({
      id: 'T2',
      kind: 'stall',
      reason: { code: 'STALLED', message: expect.stringContaining('refused') },
      detail: { since: NOW - 800_000, lanes: [0] },
    });
  });

  it('is not told of again while it lasts, nor a job that was never stalled', () => {
    expect(planStall(observe(told, { lanes: still, tasks }), at)).toEqual([]);
    expect(planStall(observe(running, { lanes: moving, tasks }), at)).toEqual([]);
  });

  it('is told of when it ends, and forgotten', () => {
    expect(planStall(observe(told, { lanes: moving, tasks }), at)).toEqual([
      { kind: 'tell-stall', stall: undefined },
    ]);
    const { after, entry } = tellStall(told, undefined, { token: 'T3', now: NOW });
    expect(after.stalledSince).toBe(undefined);
    expect(entry).toMatchObject({
      kind: 'stall',
      reason: { code: 'RECOVERED' },
      detail: { since: NOW - 800_000 },
    });
  });

  it('is planned by a cycle beside everything else, and not when the job changes its state', () => {
    const source = { ...exampleLog([0n, 9n]), topic: { partitions: [0] } };
    const one = exampleJob({ ...running, spec: { ...running.spec, desiredConcurrency: 1 } });
    const kinds = plan(observe(one, { lanes: still, tasks, source }), SETTINGS, NOW);
    expect(kinds.map(({ kind }) => kind)).toContain('tell-stall');

    const gone = plan(
      observe(one, { lanes: still, tasks, source: { ...source, topic: undefined } }),
      SETTINGS,
      NOW,
    );
    expect(gone.map(({ kind }) => kind)).toEqual(['change-state']);
  });
});

import { describe, expect, it } from 'vitest';
import { plan } from '../../../functions/scheduler/plan.ts';
import {
  exampleDecision,
  exampleJob,
  exampleLane,
  exampleLog,
  exampleTask,
  NOW,
  observe,
  SETTINGS,
  withTasks,
} from '../../support/planning-examples.ts';

const running = exampleJob({ state: 'RUNNING', generation: 1, topicId: 'topic-1', dueAt: 0 });
const kinds = (job = running, ...tasks: ReturnType<typeof exampleTask>[]) =>
  plan(observe(job, withTasks(...tasks)), SETTINGS, NOW).map((action) => action.kind);

describe('tasks under way', () => {
  it('F1: are re-offered when the lease and its margin have run out, and not before', () => {
    const task = (leaseUntil: number) => exampleTask({ status: 'RUNNING', attempt: 1, leaseUntil });
    expect(kinds(running, task(NOW - 5_001))).toEqual(['reoffer']);
    expect(kinds(running, task(NOW - 4_999))).toEqual([]);
  });

  it('F3: are offered again when nobody claimed them for two cycles', () => {
    expect(kinds(running, exampleTask({ offeredAt: NOW - 120_000 }))).toEqual(['touch']);
    expect(kinds(running, exampleTask({ offeredAt: NOW - 119_000 }))).toEqual([]);
  });

  it('are offered again right after their back-off', () => {
    const task = (notBefore: number) => exampleTask({ offeredAt: NOW - 10_000, notBefore });
    expect(kinds(running, task(NOW - 1))).toEqual(['touch']);
    expect(kinds(running, task(NOW + 1))).toEqual([]);
  });

  it('are cancelled before they begin when the job does not run, unless they are decided', () => {
    const resting = { reason: running.reason, resume: undefined };
    for (const state of ['PAUSED', 'STOPPED', 'NEED_SCHEDULE'] as const) {
      const job = exampleJob({ ...resting, state, generation: 1 });
      expect(kinds(job, exampleTask())).toEqual(['cancel']);
      expect(kinds(job, exampleTask({ decision: exampleDecision() }))).toEqual([]);
      expect(kinds(job, exampleTask({ status: 'RUNNING', leaseUntil: NOW }))).toEqual([]);
    }
  });

  it('that were begun before are left to a loader, which cleans up behind them, but not for ever', () => {
    const job = exampleJob({ state: 'STOPPED', generation: 1 });
    const begun = { attempt: 1, failures: 1, offeredAt: NOW - 120_000 };
    expect(kinds(job, exampleTask(begun))).toEqual(['touch']);
    expect(kinds(job, exampleTask({ ...begun, offers: 11 }))).toEqual(['cancel']);
    const decided = { ...begun, offers: 11, decision: exampleDecision() };
    expect(kinds(job, exampleTask(decided))).toEqual(['touch']);
  });

  it('pause their job when they lose loader after loader', () => {
    const task = exampleTask({ status: 'RUNNING', attempt: 3, failures: 2, leaseUntil: 0 });
    expect(kinds(running, task)).toEqual(['reoffer', 'change-state']);
  });

  it('keep a paused or final job active until the last is done; then it rests', () => {
    const nextAt = NOW + 50_000;
    const paused = exampleJob({ state: 'PAUSED', generation: 1, resume: { attempts: 2, nextAt } });
    const stopped = exampleJob({ state: 'STOPPED', generation: 1 });
    const busy = withTasks(exampleTask({ status: 'RUNNING', leaseUntil: NOW }));

    expect(plan(observe(stopped, busy), SETTINGS, NOW)).toEqual([]);
    expect(plan(observe(stopped), SETTINGS, NOW)).toEqual([{ kind: 'rest', dueAt: undefined }]);
    expect(plan(observe(paused), SETTINGS, NOW)).toEqual([{ kind: 'rest', dueAt: nextAt }]);
  });
});

describe('a task in doubt', () => {
  const inDoubt = withTasks(exampleTask({ status: 'IN_DOUBT', decision: exampleDecision() }));

  it('pauses its job, whoever has resumed it, and is neither divided around nor waited for', () => {
    for (const state of ['RUNNING', 'NEED_SCHEDULE'] as const) {
      const job = exampleJob({ state, generation: 1 });
      const source = exampleLog([0n, 9n]);
      expect(plan(observe(job, { ...inDoubt, source }), SETTINGS, NOW)).toMatchObject([
        { kind: 'change-state', to: 'PAUSED', code: 'COMMIT_IN_DOUBT' },
      ]);
    }
  });

  it('lets its paused job rest: only a person can help', () => {
    const job = exampleJob({ state: 'PAUSED', generation: 1 });
    expect(plan(observe(job, inDoubt), SETTINGS, NOW)).toEqual([
      { kind: 'rest', dueAt: undefined },
    ]);
  });
});

describe('a paused job', () => {
  it('resumes by itself when its time has come', () => {
    const job = exampleJob({ state: 'PAUSED', resume: { attempts: 1, nextAt: NOW } });
    expect(plan(observe(job), SETTINGS, NOW)).toMatchObject([
      { kind: 'change-state', to: 'NEED_SCHEDULE', code: 'RESUMED_BY_ITSELF' },
    ]);
  });
});

describe('lanes of other generations', () => {
  it('are swept once they are over, while the job runs', () => {
    const job = exampleJob({ state: 'RUNNING', generation: 2, claimedGeneration: 2 });
    const lanes = [exampleLane([[0, 1n]], { generation: 1 })];
    expect(plan(observe(job, { lanes }), SETTINGS, NOW).map(({ kind }) => kind)).toEqual([
      'sweep-lane',
    ]);
    const waiting = exampleJob({ state: 'NEED_SCHEDULE', generation: 2, claimedGeneration: 2 });
    expect(plan(observe(waiting, { lanes }), SETTINGS, NOW)).toEqual([]);
  });

  it('are left alone when they are later: by now the job may have been flipped to them', () => {
    const job = exampleJob({ state: 'RUNNING', generation: 1, claimedGeneration: 2 });
    const lanes = [exampleLane([[0, 1n]], { generation: 2 })];
    expect(plan(observe(job, { lanes }), SETTINGS, NOW)).not.toContainEqual(
      expect.objectContaining({ kind: 'sweep-lane' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { Observed } from '../../../functions/scheduler/observed.ts';
import { asksKafka, plan } from '../../../functions/scheduler/plan.ts';
import {
  type DeadLetters,
  newRedriveLane,
  REDRIVE_LANE,
} from '../../../functions/shared/domain/redrive.ts';
import {
  exampleJob,
  exampleLane,
  exampleLog,
  exampleTask,
  NOW,
  observe,
  SETTINGS,
} from '../../support/planning-examples.ts';

const redrive = { id: 'R1', upTo: 'Z', at: NOW };
const job = exampleJob({ state: 'RUNNING', generation: 1, topicId: 'topic-1', dueAt: 0, redrive });
const lane = exampleLane([[0, 10n]]);
const source = exampleLog([0n, 10n]);
const letters: DeadLetters = {
  jobId: job.id,
  taskId: 'K0',
  location: '_dead_letters/a.ndjson',
  rows: 2,
  bytes: 20,
  slice: new Map([[0, { from: 3n, to: 9n }]]),
  at: NOW,
};
const redriveLane = newRedriveLane(job, NOW);

const planned = (fields: Partial<Observed> = {}, of = job) =>
  plan(observe(of, { lanes: [lane], source, deadLetters: [letters], ...fields }), SETTINGS, NOW);

describe('a running job whose dead letters are wanted', () => {
  it('gets its redrive lane and a task for them', () => {
    const [open, slice] = planned();
    expect(open).toMatchObject({ kind: 'open-lane', lane: { index: REDRIVE_LANE, generation: 1 } });
    expect(slice).toMatchObject({
      kind: 'plan-slice',
      slice: letters.slice,
      redrive: { request: 'R1', letters: [{ taskId: 'K0', location: '_dead_letters/a.ndjson' }] },
    });
  });

  it('gets them without a place where the topic has them', () => {
    const badOffsets = { known: new Map(), notListed: 1, notKept: 0 };
    const { location: _, ...inTopic } = { ...letters, badOffsets };
    const [, slice] = planned({ deadLetters: [inTopic] });
    expect(slice).toMatchObject({ kind: 'plan-slice', redrive: { letters: [{ taskId: 'K0' }] } });
  });

  it('gets one task at a time', () => {
    const busy = { ...redriveLane, taskId: 'K1' };
    const tasks = new Map([['K1', exampleTask({ status: 'RUNNING', leaseUntil: NOW })]]);
    expect(planned({ lanes: [lane, busy], tasks })).toEqual([]);
  });

  it('gets none without room', () => {
    expect(planned({ room: 0, lanes: [lane, redriveLane] })).toEqual([]);
  });

  it('is done with it when none of them is left', () => {
    expect(planned({ deadLetters: [], lanes: [lane, redriveLane] })).toEqual([
      { kind: 'end-redrive' },
    ]);
  });

  it('keeps its number of lanes', () => {
    const kinds = planned({ lanes: [lane, redriveLane] }).map(({ kind }) => kind);
    expect(kinds).toEqual(['plan-slice']);
  });

  it('if bounded, is completed only behind them', () => {
    const until = new Map([[0, 10n]]);
    const bounded = { ...lane, until };
    const { redrive: _, ...rest } = job;
    const done = { lanes: [bounded, redriveLane], deadLetters: undefined };
    expect(planned({ ...done, deadLetters: [letters] }).map(({ kind }) => kind)).toEqual([
      'plan-slice',
    ]);
    expect(planned(done, rest)).toMatchObject([{ kind: 'change-state', to: 'COMPLETED' }]);
  });

  it('if completed, gets them loaded and rests then, without a look at its topic', () => {
    const completed = { ...job, state: 'COMPLETED' as const };
    const idle = { lanes: [lane, redriveLane], source: undefined };
    expect(asksKafka(observe(completed, idle))).toBe(false);
    expect(planned(idle, completed).map(({ kind }) => kind)).toEqual(['plan-slice']);
    expect(planned({ ...idle, deadLetters: [] }, completed)).toEqual([{ kind: 'end-redrive' }]);
    const { redrive: _, ...rest } = completed;
    expect(planned({ ...idle, deadLetters: undefined }, rest)).toEqual([
      { kind: 'rest', dueAt: undefined },
    ]);
    const stopped = { ...job, state: 'STOPPED' as const };
    expect(planned(idle, stopped)).toEqual([{ kind: 'rest', dueAt: undefined }]);
  });

  it('if completed, drops the request while a task of it is in doubt', () => {
    const completed = { ...job, state: 'COMPLETED' as const };
    const busy = { ...redriveLane, taskId: 'K1' };
    const task = exampleTask({ id: 'K1', status: 'IN_DOUBT' });
    const seen = { lanes: [lane, busy], tasks: new Map([['K1', task]]) };
    expect(planned(seen, completed)).toMatchObject([
      { kind: 'end-redrive', taskId: 'K1', failure: { code: 'COMMIT_IN_DOUBT' } },
    ]);
  });

  it('drops the request when their task loses loader after loader', () => {
    const busy = { ...redriveLane, taskId: 'K1' };
    const task = exampleTask({
      ...{ id: 'K1', status: 'RUNNING', attempt: 3, failures: 2, leaseUntil: 0 },
      redrive: { request: 'R1', letters: [] },
    });
    const actions = planned({ lanes: [lane, busy], tasks: new Map([['K1', task]]) });
    expect(actions.map(({ kind }) => kind)).toEqual(['reoffer', 'end-redrive']);
  });
});

import { describe, expect, it } from 'vitest';
import { type NextQuestion, planSuccessor } from '../../../functions/loader/plan-next.ts';
import {
  exampleDecision,
  exampleJob,
  exampleLane,
  exampleTask,
  NOW,
} from '../../support/planning-examples.ts';

const job = exampleJob({ state: 'RUNNING', generation: 1 });
const task = exampleTask({ status: 'RUNNING', attempt: 1 });
/** Planned just now, when the log ended at 12; the slice took it to 10. */
const lane = exampleLane([[0, 0n]], { taskId: task.id, plannedAt: NOW, ends: new Map([[0, 12n]]) });

const question: NextQuestion = {
  job,
  lane,
  task,
  decision: exampleDecision(),
  ends: new Map([[0, 12n]]),
  limits: { maxBatchRows: 1_000, maxBatchBytes: 1_000_000 },
  now: NOW,
  deadline: NOW + 600_000,
  id: 'K2',
  owner: 'me',
  leaseUntil: NOW + 60_000,
};

describe('the next task of a lane', () => {
  it('takes the rest of a backlog at once, claimed by the loader that has time', () => {
    const next = planSuccessor(question);
    expect(next).toMatchObject({ id: 'K2', status: 'RUNNING', owner: 'me', attempt: 1 });
    expect(next?.slice.get(0)).toEqual({ from: 10n, to: 12n });
  });

  it('F22: knows the epoch of the record before it', () => {
    const known = { ...lane, epochs: new Map([[0, 4]]) };
    const epochsAfter = (epochs: Map<number, number> | undefined) =>
      planSuccessor({ ...question, lane: known, decision: exampleDecision({ epochs }) })?.epochs;
    expect(epochsAfter(new Map([[0, 6]]))).toEqual(new Map([[0, 6]]));
    expect(epochsAfter(undefined)).toBeUndefined();
  });

  it('waits for the interval where the few records that are left came later', () => {
    const caughtUp = { ...lane, ends: new Map([[0, 10n]]) };
    expect(planSuccessor({ ...question, lane: caughtUp })).toBeUndefined();
  });

  it('is left to the stream by a loader whose time is up', () => {
    expect(planSuccessor({ ...question, deadline: NOW + 9_000 })).toMatchObject({
      status: 'PENDING',
      attempt: 0,
    });
  });

  it('is not made while the job does not run', () => {
    expect(planSuccessor({ ...question, job: { ...job, state: 'PAUSED' } })).toBeUndefined();
    expect(planSuccessor({ ...question, job: { ...job, generation: 2 } })).toBeUndefined();
  });

  it('is none when its lane was asked to make room since the task was made, and no other lane', () => {
    const asked = (at: number, lanes: number[]) =>
      planSuccessor({ ...question, job: { ...job, yielding: { at, lanes } } });
    expect(asked(NOW + 1, [3, 0])).toBeUndefined();
    expect(asked(NOW, [3, 0])).toBeDefined();
    expect(asked(NOW + 1, [3])).toBeDefined();
  });
});

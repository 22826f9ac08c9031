import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeSpec, changeState, newJob } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import {
  assertLegalChange,
  IllegalStateChange,
  isFinal,
  JOB_STATES,
  type JobState,
  REASON_CODES,
  type ReasonCode,
  resumesByItself,
} from '#shared/domain/job-state.ts';
import { anyJob } from '../../../support/store-arbitraries.ts';
import { exampleJob, NOW } from '../../../support/store-examples.ts';

const { job } = exampleJob();

function change(before: Job, to: JobState, code: ReasonCode, now = NOW + 5) {
  return changeState(before, to, { token: 'TOKEN', now, code, message: 'why' });
}

describe('a new job', () => {
  it('needs scheduling, is due at once, and has no generation yet', () => {
    const stamp = { id: 'ID', token: 'TOKEN', now: NOW, idempotencyKey: 'key' };
    const { after, entry } = newJob(job.spec, stamp);
    expect(after).toMatchObject({
      id: 'ID',
      state: 'NEED_SCHEDULE',
      specVersion: 1,
      generation: 0,
      claimedGeneration: 0,
      changeToken: 'TOKEN',
      dueAt: 0,
      idempotencyKey: 'key',
      createdAt: NOW,
      updatedAt: NOW,
    });
    expect(entry).toEqual({
      id: 'TOKEN',
      at: NOW,
      kind: 'state',
      to: 'NEED_SCHEDULE',
      reason: { code: 'CREATED', message: 'created', at: NOW },
    });
  });
});

describe('a change of state', () => {
  it('carries its reason, its token and its entry, and makes the job due', () => {
    const before = { ...job, dueAt: undefined, note: job.reason };
    const { after, entry } = change(before, 'PAUSED', 'PAUSED_BY_USER');
    const reason = { code: 'PAUSED_BY_USER', message: 'why', at: NOW + 5 };
    expect(after).toEqual({
      ...before,
      state: 'PAUSED',
      reason,
      note: undefined,
      resume: undefined,
      changeToken: 'TOKEN',
      dueAt: 0,
      updatedAt: NOW + 5,
    });
    expect(entry).toMatchObject({ id: 'TOKEN', from: 'NEED_SCHEDULE', to: 'PAUSED', reason });
  });

  it('is legal or is refused, for any job', () => {
    const any = fc.record({
      before: anyJob,
      to: fc.constantFrom(...JOB_STATES),
      code: fc.constantFrom(...REASON_CODES),
    });
    fc.assert(
      fc.property(any, ({ before, to, code }) => {
        let isLegal = true;
        try {
          assertLegalChange(before.state, to);
        } catch {
          isLegal = false;
        }
        if (!isLegal) {
          expect(() => change(before, to, code)).toThrow(IllegalStateChange);
          return;
        }
        const { after, entry } = change(before, to, code);
        expect(isFinal(before.state)).toBe(false);
        expect(after).toMatchObject({ id: before.id, spec: before.spec, state: to, dueAt: 0 });
        expect(after.changeToken).toBe(entry.id);
        expect(after.changeToken).not.toBe(before.changeToken);
        if (to === 'PAUSED') expect(after.resume !== undefined).toBe(resumesByItself(code));
      }),
    );
  });

  it('takes other fields along', () => {
    const { after } = changeState(job, 'RUNNING', {
      token: 'TOKEN',
      now: NOW,
      code: 'SCHEDULED',
      message: 'divided',
      fields: { generation: 3, topicId: 'topic' },
    });
    expect(after).toMatchObject({ generation: 3, topicId: 'topic' });
  });
});

describe('resuming by itself', () => {
  it('waits longer each time the same trouble comes back', () => {
    let current = job;
    const waits: number[] = [];
    let now = NOW;
    for (let i = 0; i < 4; i += 1) {
      current = change(current, 'PAUSED', 'BROKER_UNREACHABLE', now).after;
      waits.push((current.resume?.nextAt ?? 0) - now);
      now = current.resume?.nextAt ?? 0;
      current = change(current, 'NEED_SCHEDULE', 'RESUMED_BY_ITSELF', now).after;
    }
    expect(waits).toEqual([0, 10_000, 20_000, 40_000]);
  });

  it('begins anew after the user resumed the job', () => {
    const first = change(job, 'PAUSED', 'BROKER_UNREACHABLE').after;
    const resumed = change(first, 'NEED_SCHEDULE', 'RESUMED_BY_USER').after;
    expect(resumed.resume).toBeUndefined();
    const again = change(resumed, 'PAUSED', 'BROKER_UNREACHABLE').after;
    expect(again.resume).toEqual({ attempts: 1, nextAt: NOW + 5 });
  });

  it.each(['PAUSED_BY_USER', 'TOO_MANY_BAD_ROWS', 'OFFSET_OUT_OF_RANGE'] as const)(
    'never happens to a job that is paused for %s',
    (code) => {
      expect(change(job, 'PAUSED', code).after.resume).toBeUndefined();
    },
  );
});

describe('a change of the specification', () => {
  const spec = { ...job.spec, desiredConcurrency: 9 };

  it('counts versions, and keeps state and reason', () => {
    const { after, entry } = changeSpec(job, { token: 'TOKEN', now: NOW + 5, spec });
    expect(after).toEqual({
      ...job,
      spec,
      specVersion: 2,
      changeToken: 'TOKEN',
      updatedAt: NOW + 5,
    });
    expect(entry).toMatchObject({ id: 'TOKEN', kind: 'spec', detail: { specVersion: 2, spec } });
    expect(entry.reason).toMatchObject({ code: 'ALTERED_BY_USER', at: entry.at });
    expect(entry).not.toHaveProperty('detail.seek');
  });

  it('remembers where to jump, and an earlier wish until then', () => {
    const first = changeSpec(job, { token: 'A', now: NOW, spec, seek: 'latest' }).after;
    expect(first.seek).toBe('latest');
    const second = changeSpec(first, { token: 'B', now: NOW, spec }).after;
    expect(second).toMatchObject({ seek: 'latest', specVersion: 3 });
    expect(
      changeSpec(second, { token: 'C', now: NOW, spec, seek: { '0': '5' } }).after.seek,
    ).toEqual({ '0': '5' });
    expect(
      changeSpec(second, { token: 'C', now: NOW, spec, seek: null }).after.seek,
    ).toBeUndefined();
  });
});

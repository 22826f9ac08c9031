import { expect, test } from 'vitest';
import { changeState, newJob } from '#shared/domain/change-job.ts';
import { holdPause } from '#shared/domain/hold-pause.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import type { ReasonCode } from '#shared/domain/job-state.ts';

const spec = jobSpec.parse({
  name: 'a',
  source: { kafka: { brokers: ['b:1'], topic: 't' } },
  destination: { file: { table: 't' } },
});
const created = newJob(spec, { id: 'j', token: 't0', now: 0 }).after;

function paused(code: ReasonCode) {
  return changeState(created, 'PAUSED', { token: 't1', now: 5, code, message: 'why' }).after;
}

test('a pause that would end by itself becomes the user’s, and keeps what was wrong in its message', () => {
  const change = holdPause(paused('SINK_UNREACHABLE'), { token: 't2', now: 9 });

  expect(change?.after).toMatchObject({
    state: 'PAUSED',
    reason: { code: 'PAUSED_BY_USER', at: 9 },
    changeToken: 't2',
    updatedAt: 9,
  });
  expect(change?.after.resume).toBeUndefined();
  expect(change?.after.reason.message).toContain('SINK_UNREACHABLE: why');
  expect(change?.entry).toMatchObject({ id: 't2', from: 'PAUSED', to: 'PAUSED' });
});

test.each<ReasonCode>(['PAUSED_BY_USER', 'TOO_MANY_BAD_ROWS', 'COMMIT_IN_DOUBT'])(
  'a pause for %s waits for a person already',
  (code) => {
    expect(holdPause(paused(code), { token: 't2', now: 9 })).toBeUndefined();
  },
);

test('a job that is not paused is refused', () => {
  expect(() => holdPause(created, { token: 't2', now: 9 })).toThrow(
    'a job that is NEED_SCHEDULE cannot become PAUSED',
  );
});

import { describe, expect, it } from 'vitest';
import { planFailure } from '../../../functions/loader/give-back.ts';
import { type FailureCode, LoadFailure } from '../../../functions/shared/domain/failure.ts';
import { exampleDecision, exampleJob, exampleTask } from '../../support/planning-examples.ts';

const job = exampleJob({ state: 'RUNNING', generation: 1 });
const running = (fields = {}) => exampleTask({ status: 'RUNNING', attempt: 1, ...fields });
const planned = (code: FailureCode, task = running(), owner = job) =>
  planFailure({ job: owner, task }, new LoadFailure(code, 'x'), 3);

describe('a failed attempt', () => {
  it('goes back with a back-off while its trouble can pass, and pauses the job after a few', () => {
    expect(planned('BROKER_UNREACHABLE')).toEqual({ task: 'release', pauseJob: false });
    expect(planned('BROKER_UNREACHABLE', running({ failures: 2 }))).toEqual({
      task: 'cancel',
      pauseJob: true,
    });
  });

  it('pauses the job now when trying again cannot help', () => {
    expect(planned('TOO_MANY_BAD_ROWS')).toEqual({ task: 'cancel', pauseJob: true });
  });

  it('is never cancelled when it has a decision', () => {
    const decided = running({ failures: 9, decision: exampleDecision() });
    for (const code of ['SINK_UNREACHABLE', 'SINK_AUTH_FAILED', 'OFFSET_OUT_OF_RANGE'] as const) {
      expect(planned(code, decided)).toEqual({ task: 'release', pauseJob: true });
    }
  });

  it('is left in doubt when its commit cannot be confirmed', () => {
    const decided = running({ decision: exampleDecision() });
    expect(planned('COMMIT_IN_DOUBT', decided)).toEqual({ task: 'in-doubt', pauseJob: true });
  });

  it('leaves an offset out of range to the scheduler where the policy is not to pause', () => {
    const skips = exampleJob({}, {}, { policies: { offsetOutOfRange: 'earliest' } });
    expect(planned('OFFSET_OUT_OF_RANGE')).toEqual({ task: 'cancel', pauseJob: true });
    expect(planned('OFFSET_OUT_OF_RANGE', running(), skips)).toEqual({
      task: 'cancel',
      pauseJob: false,
    });
  });
});

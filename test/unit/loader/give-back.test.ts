import { describe, expect, it } from 'vitest';
import { giveBack, planFailure } from '../../../functions/loader/give-back.ts';
import { LogTruncation } from '../../../functions/loader/kafka/log-truncation.ts';
import type { LoaderDeps } from '../../../functions/loader/loader-deps.ts';
import { type FailureCode, LoadFailure } from '../../../functions/shared/domain/failure.ts';
import { insertJob, readJob } from '../../../functions/shared/store/jobs.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleDecision, exampleJob, exampleTask } from '../../support/planning-examples.ts';
import * as stored from '../../support/store-examples.ts';

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

describe('a log that has lost what was loaded', () => {
  /** A task that finds it out about partition 1, of a job in that state. */
  async function foundOut(state: 'RUNNING' | 'PAUSED') {
    const tables = makeMemoryTables();
    const example = stored.exampleJob();
    const owner = { ...example.job, state, generation: 1 };
    await insertJob(tables, owner, example.entry);
    const epochs = new Map([
      [1, 4],
      [2, 5],
    ]);
    const { lane, task } = await stored.runningTask(tables, { jobId: owner.id, epochs });
    const never = () => {
      throw new Error('nothing is loaded any more');
    };
    const deps: LoaderDeps = {
      tables,
      stage: never,
      sinkOf: never,
      clock: { now: () => stored.NOW + 5, sleep: never },
      newId: stored.newId,
      settings: {
        ...{ leaseMs: 60_000, deadlineMarginMs: 1_000, loaderLifeMs: 1_200_000 },
        ...{ maxTaskFailures: 3, retentionDays: 7, maxBatchRows: 1_000, maxBatchBytes: 1_000_000 },
      },
      log: never,
    };
    const range = { partition: 1, offset: 10n, agreesTo: 7n, isOfThisTry: false };
    await giveBack(deps, { job: owner, task }, new LogTruncation('flights', [range]));
    return {
      job: await readJob(tables, owner.id),
      task: await stored.taskNow(tables, task),
      lane: await stored.laneNow(tables, lane),
    };
  }

  it('pauses the job, and is forgotten with that: the next slice goes on where this one began', async () => {
    const after = await foundOut('RUNNING');
    expect(after.job).toMatchObject({ state: 'PAUSED', reason: { code: 'LOG_TRUNCATED' } });
    expect(after.task.status).toBe('CANCELLED');
    expect(after.lane.epochs).toEqual(new Map([[2, 5]]));
    expect(after.lane.next).toEqual(stored.offsets({ 1: 10, 2: 20 }));
  });

  it('is not forgotten where nobody was told, since the job was paused already', async () => {
    const after = await foundOut('PAUSED');
    expect(after.job?.reason.code).toBe('CREATED');
    expect(after.task.status).toBe('CANCELLED');
    expect(after.lane.epochs?.get(1)).toBe(4);
  });
});

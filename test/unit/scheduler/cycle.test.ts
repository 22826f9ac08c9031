import { describe, expect, it } from 'vitest';
import { runCycle } from '../../../functions/scheduler/cycle.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import type { Job } from '../../../functions/shared/domain/job.ts';
import { insertJob, readJob, replaceJob } from '../../../functions/shared/store/jobs.ts';
import type { Tables } from '../../../functions/shared/store/tables.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleJob, NOW, newId, plannedTask, taskNow } from '../../support/store-examples.ts';

function cycle(tables: Tables) {
  return runCycle(
    {
      tables,
      clusters: {
        connect: () => Promise.reject(new LoadFailure('BROKER_UNREACHABLE', 'no broker here')),
      },
      clock: { now: () => NOW, sleep: async () => {} },
      newId,
      log: () => {},
      settings: {
        capacity: 100,
        cycleMs: 60_000,
        leaseMarginMs: 5_000,
        maxTaskFailures: 3,
        maxBatchRows: 1_000,
        maxBatchBytes: 1_000_000,
        retentionDays: 7,
      },
    },
    NOW + 60_000,
  );
}

async function storedJob(tables: Tables, fields: Partial<Job>): Promise<Job> {
  const { job, entry } = exampleJob();
  await insertJob(tables, job, entry);
  const after = { ...job, ...fields, changeToken: newId() };
  await replaceJob(tables, job, after);
  return after;
}

describe('a task that a late cycle has planned', () => {
  it('is seen off although its job was stopped and rests', async () => {
    const tables = makeMemoryTables();
    const job = await storedJob(tables, { state: 'STOPPED', generation: 1, dueAt: undefined });
    const { task } = await plannedTask(tables, { jobId: job.id, generation: 1 });

    await cycle(tables);

    expect(await taskNow(tables, task)).toMatchObject({ status: 'CANCELLED' });
    expect((await readJob(tables, job.id))?.dueAt).toBeUndefined();
  });

  it('is seen off although its lane is of a generation that is over', async () => {
    const tables = makeMemoryTables();
    const job = await storedJob(tables, { state: 'RUNNING', generation: 2, claimedGeneration: 2 });
    const { task } = await plannedTask(tables, { jobId: job.id, generation: 1 });

    await cycle(tables);

    expect(await taskNow(tables, task)).toMatchObject({ status: 'CANCELLED' });
  });
});

describe('a job that rests', () => {
  it('is not visited', async () => {
    const tables = makeMemoryTables();
    await storedJob(tables, { state: 'PAUSED', generation: 1, dueAt: undefined });

    expect(await cycle(tables)).toEqual({ jobs: 0, actions: 0, left: 0, failures: 0 });
  });
});

import { expect } from 'vitest';
import { changeState } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import type { JobState } from '#shared/domain/job-state.ts';
import { insertJob, listHistory } from '#shared/store/jobs.ts';
import type { Tables } from '#shared/store/tables.ts';
import { exampleJob, NOW, newId } from '../../store-examples.ts';

/** The job put into another state, and the entry of it. */
export function changedTo(job: Job, state: JobState) {
  return changeState(job, state, {
    token: newId(),
    now: NOW + 1,
    code: state === 'PAUSED' ? 'PAUSED_BY_USER' : 'STOPPED_BY_USER',
    message: 'asked for',
  });
}

/** A job that is in the store. */
export async function insertedJob(tables: Tables): Promise<Job> {
  const { job, entry } = exampleJob();
  expect(await insertJob(tables, job, entry)).toBe(true);
  return job;
}

/** The states that the history of a job names, newest first. */
export async function historyKinds(tables: Tables, id: string): Promise<unknown[]> {
  const { entries } = await listHistory(tables, id, { limit: 50 });
  return entries.map((entry) => entry.to);
}

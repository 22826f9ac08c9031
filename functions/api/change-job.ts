import type { ChangeStamp, JobChange } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import { readJob, replaceJob } from '#shared/store/jobs.ts';
import type { ApiDeps } from './deps.ts';
import { findJob } from './find-job.ts';
import { ApiProblem } from './problem.ts';

/** The scheduler and other users change a job a few times a minute; who loses this often has other troubles. */
const TRIES = 8;

/**
 * Changes a job as `decide` says, judged anew on the job's newest form whenever somebody else was faster.
 * `decide` returns `undefined` when there is nothing to change, and throws what forbids the change.
 *
 * @returns the job as it stands then
 * @throws {ApiProblem} JOB_NOT_FOUND, CHANGED_MEANWHILE
 */
export async function changeJob(
  { tables, clock, newId }: ApiDeps,
  idOrName: string,
  decide: (job: Job, stamp: ChangeStamp) => JobChange | undefined | Promise<JobChange | undefined>,
): Promise<Job> {
  let job = await findJob(tables, idOrName);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const change = await decide(job, { token: newId(), now: clock.now() });
    if (change === undefined) return job;
    if (await replaceJob(tables, job, change.after, change.entry)) return change.after;
    // By id: the name may have gone over to another job.
    job = (await readJob(tables, job.id)) ?? job;
  }
  throw new ApiProblem(
    'CHANGED_MEANWHILE',
    `the job was changed by others ${TRIES} times in a row; nothing of this request was done`,
  );
}

import type { ChangeStamp, JobChange } from './change-job.ts';
import type { Job } from './job.ts';
import { IllegalStateChange, resumesByItself } from './job-state.ts';

/**
 * The user pauses a job that a problem has paused already. Where it would have resumed by itself, it does
 * so no more, and its reason becomes the user's; where it waits for a person anyway, nothing changes, since
 * the problem is the more telling reason.
 *
 * @returns the change, or `undefined` when there is nothing to change
 * @throws {IllegalStateChange} when the job is not PAUSED
 */
export function holdPause(job: Job, { token, now }: ChangeStamp): JobChange | undefined {
  if (job.state !== 'PAUSED') throw new IllegalStateChange(job.state, 'PAUSED');
  if (!resumesByItself(job.reason.code)) return undefined;
  const message = `paused by the user, while paused for ${job.reason.code}: ${job.reason.message}`;
  const reason = { code: 'PAUSED_BY_USER', message, at: now } as const;
  return {
    after: {
      ...job,
      reason,
      resume: undefined,
      changeToken: token,
      // The index holds the time of the resume that is off; the scheduler lets the job rest anew.
      dueAt: 0,
      updatedAt: now,
    },
    entry: { id: token, at: now, kind: 'state', from: 'PAUSED', to: 'PAUSED', reason },
  };
}

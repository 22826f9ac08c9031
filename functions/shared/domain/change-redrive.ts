import type { ChangeStamp, JobChange } from './change-job.ts';
import type { LoadFailure } from './failure.ts';
import type { Job } from './job.ts';
import { loadsDeadLetters } from './redrive.ts';

/** The changes of a job that begin and end the loading of its dead letters. */

/**
 * Dead letters of tasks up to `upTo` are wanted again; a request that still stands is replaced. A job that loads
 * them in its state becomes due, since no cycle visits one that is COMPLETED.
 */
export function requestRedrive(
  job: Job,
  { token, now, upTo }: ChangeStamp & { readonly upTo: string },
): JobChange {
  const message = 'dead letters are to be loaded again: asked for by the user';
  return {
    after: {
      ...job,
      redrive: { id: token, upTo, at: now },
      dueAt: loadsDeadLetters(job) ? 0 : job.dueAt,
      changeToken: token,
      updatedAt: now,
    },
    entry: {
      id: token,
      at: now,
      kind: 'redrive',
      reason: { code: 'REDRIVE_REQUESTED', message, at: now },
      detail: { upTo },
    },
  };
}

/** The request is dropped, since a task of it failed for good; what was not loaded again waits on. */
export function giveUpRedrive(
  job: Job,
  {
    token,
    now,
    taskId,
    failure,
  }: ChangeStamp & {
    readonly taskId: string;
    readonly failure: Pick<LoadFailure, 'code' | 'message' | 'facts'>;
  },
): JobChange {
  const message = `dead letters could not be loaded again: ${failure.message}`;
  return {
    after: { ...job, redrive: undefined, changeToken: token, updatedAt: now },
    entry: {
      id: token,
      at: now,
      kind: 'redrive',
      reason: { code: 'REDRIVE_FAILED', message, at: now },
      detail: { ...failure.facts, taskId, code: failure.code },
    },
  };
}

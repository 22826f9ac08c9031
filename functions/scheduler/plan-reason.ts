import { FAILURES, type LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { Reason } from '#shared/domain/job-state.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';

/** Problems and reasons: what a job is told, and when it pauses. */

/** A running job bears a cluster that does not answer for this many cycles before it pauses. */
const PATIENCE_CYCLES = 3;

/** The action that makes the job's note say `note`; none when it says so already: an idle job costs no write. */
export function changeNote(job: Job, note: Reason | undefined): Action[] {
  const same = job.note?.code === note?.code && job.note?.message === note?.message;
  return same ? [] : [{ kind: 'note', note }];
}

/** Since when the job's note has said so, whatever its words: those of a wait for room come with new numbers. */
export function noteSince({ note }: Job, code: Reason['code'], now: number): number {
  return note?.code === code ? note.at : now;
}

/** Pauses the job for a failure. */
export function pauseFor(failure: Pick<LoadFailure, 'code' | 'message' | 'facts'>): Action {
  return {
    kind: 'change-state',
    to: 'PAUSED',
    code: failure.code,
    message: failure.message,
    detail: failure.facts,
  };
}

/**
 * What becomes of a job whose cluster could not be asked: one that is not running yet pauses at once (and
 * comes back by itself, if the trouble can pass); one that runs is left alone for a few cycles, since its
 * loaders may well be working.
 */
export function planSourceFailure(
  { job }: Observed,
  failure: LoadFailure,
  { settings, now }: { readonly settings: PlanSettings; readonly now: number },
): Action[] {
  if (job.state !== 'RUNNING' || !FAILURES[failure.code].retryable) return [pauseFor(failure)];
  if (job.note?.code === failure.code) {
    const patienceEnds = job.note.at + PATIENCE_CYCLES * settings.cycleMs;
    return now < patienceEnds ? [] : [pauseFor(failure)];
  }
  return changeNote(job, { code: failure.code, message: failure.message, at: now });
}

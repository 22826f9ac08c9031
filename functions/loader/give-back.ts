import { type ChangeStamp, changeState, type JobChange } from '#shared/domain/change-job.ts';
import { giveUpRedrive } from '#shared/domain/change-redrive.ts';
import type { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { mayBegin } from '#shared/domain/may-begin.ts';
import type { Task, TaskError } from '#shared/domain/task.ts';
import { cancelTask } from '#shared/store/finish.ts';
import { readJob, replaceJob } from '#shared/store/jobs.ts';
import { releaseTask } from '#shared/store/task-offers.ts';
import { markInDoubt, readTask } from '#shared/store/tasks.ts';
import { LogTruncation } from './kafka/log-truncation.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { noteLeft, sinkIfAny } from './note-left.ts';

/** What becomes of a task, and of its job, when an attempt fails. */

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
const PAUSE_TRIES = 5;

/** What a failed attempt calls for. */
export interface FailurePlan {
  readonly task: 'release' | 'cancel' | 'in-doubt';
  readonly pauseJob: boolean;
}

/**
 * Retryable: the task goes back with a back-off, and after a few tries the job pauses with the reason. Not
 * retryable: the job pauses now. A task with a decision is only ever given back, whatever went wrong.
 */
export function planFailure(
  { job, task }: { readonly job: Job; readonly task: Task },
  failure: LoadFailure,
  maxTaskFailures: number,
): FailurePlan {
  if (failure.code === 'COMMIT_IN_DOUBT') return { task: 'in-doubt', pauseJob: true };
  const exhausted = task.failures + 1 >= maxTaskFailures;
  const pauseJob = !failure.retryable || exhausted;
  if (task.decision !== undefined) return { task: 'release', pauseJob };
  if (failure.code === 'OFFSET_OUT_OF_RANGE' && job.spec.policies.offsetOutOfRange !== 'pause') {
    // The scheduler finds the lane behind the log and applies the policy.
    return { task: 'cancel', pauseJob: false };
  }
  return { task: pauseJob ? 'cancel' : 'release', pauseJob };
}

/** Does what {@link planFailure} says. The job pauses first, so that nobody plans the freed lane anew in between. */
export async function giveBack(
  deps: LoaderDeps,
  { job, task: claimed }: { readonly job: Job; readonly task: Task },
  failure: LoadFailure,
): Promise<void> {
  // The attempt may have decided after it was claimed.
  const task = await readTask(deps.tables, claimed.jobId, claimed.id);
  if (task?.status !== 'RUNNING' || task.attempt !== claimed.attempt) return;
  const now = deps.clock.now();
  const error: TaskError = {
    code: failure.code,
    message: failure.message,
    at: now,
    attempt: task.attempt,
  };
  const planned = planFailure({ job, task }, failure, deps.settings.maxTaskFailures);
  const isTold = planned.pauseJob && (await pauseJob(deps, task, failure));
  switch (planned.task) {
    case 'in-doubt':
      await markInDoubt(deps.tables, task, error);
      return;
    case 'cancel':
      // What it could not give up again, no later attempt of the task looks for.
      await noteLeft(deps, task, { sink: await sinkIfAny(deps, job), attempts: task.attempt });
      // Else the same would be found out again and again, and no resume would get the job past it.
      await cancelClaimed(deps, task, {
        error,
        ...(isTold && failure instanceof LogTruncation && { forgetEpochs: failure.partitions }),
      });
      return;
    case 'release': {
      const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** task.failures, LONGEST_BACKOFF_MS);
      await releaseTask(deps.tables, task, { error, notBefore: now + backoffMs });
    }
  }
}

/** Cancels a task that this loader has claimed, and frees its lane. */
export async function cancelClaimed(
  deps: LoaderDeps,
  task: Task,
  more: { readonly error?: TaskError; readonly forgetEpochs?: readonly number[] } = {},
): Promise<void> {
  await cancelTask(deps.tables, task, {
    now: deps.clock.now(),
    token: deps.newId(),
    retentionDays: deps.settings.retentionDays,
    ...more,
  });
}

/**
 * Pauses the job if it still runs in this task's generation, and says whether it did. Dead letters that cannot be loaded again keep no job
 * from loading its topic: then only the request for them is dropped. So it is for a completed job whatever happens,
 * as it has nothing else that could be paused.
 */
async function pauseJob(deps: LoaderDeps, task: Task, failure: LoadFailure): Promise<boolean> {
  for (let tries = 0; tries < PAUSE_TRIES; tries += 1) {
    const job = await readJob(deps.tables, task.jobId);
    if (job === undefined || !mayBegin(job, task)) return false;
    const change = changeAfter(job, task, { ...stampOf(deps), failure });
    if (await replaceJob(deps.tables, job, change.after, change.entry)) return true;
  }
  return false;
}

function changeAfter(
  job: Job,
  task: Task,
  { failure, ...stamp }: ChangeStamp & { readonly failure: LoadFailure },
): JobChange {
  const { code, message, facts } = failure;
  if (task.redrive && (code !== 'COMMIT_IN_DOUBT' || isFinal(job.state))) {
    return giveUpRedrive(job, { ...stamp, taskId: task.id, failure });
  }
  const detail = { ...facts, taskId: task.id, lane: task.lane };
  return changeState(job, 'PAUSED', { ...stamp, code, message, detail });
}

function stampOf({ newId, clock }: LoaderDeps): ChangeStamp {
  return { token: newId(), now: clock.now() };
}

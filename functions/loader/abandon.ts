import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { attemptLabel, type Task } from '#shared/domain/task.ts';
import { cancelClaimed, giveBack } from './give-back.ts';
import type { LoaderDeps } from './loader-deps.ts';
import type { Sink } from './sinks/sink.ts';

/** Labels follow from task and attempt, so nothing about earlier attempts had to be recorded. */
export async function abortEarlierAttempts(sink: Sink, task: Task): Promise<void> {
  for (let earlier = 1; earlier < task.attempt; earlier += 1) {
    await sink.abort(attemptLabel(task, earlier));
  }
}

/**
 * Ends a claimed task that must not begin any more. What its earlier attempts prepared goes first: of a job that
 * never loads again, no other loader would ever look at it.
 */
export async function abandon(deps: LoaderDeps, job: Job | undefined, task: Task): Promise<void> {
  try {
    if (job && task.attempt > 1) await abortEarlierAttempts(await deps.sinkOf(job), task);
  } catch (error) {
    const failure = asLoadFailure(error);
    const { code, message } = failure;
    deps.log('leftovers could not be removed', {
      jobId: task.jobId,
      taskId: task.id,
      code,
      message,
    });
    // A job that comes back has its sink swept then; one that does not tries this a few times more.
    if (job && isFinal(job.state)) return giveBack(deps, { job, task }, failure);
  }
  await cancelClaimed(deps, task);
}

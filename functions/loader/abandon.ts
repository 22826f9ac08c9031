import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { attemptLabel, type Task } from '#shared/domain/task.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import { cancelClaimed, giveBack } from './give-back.ts';
import { TaskLost } from './heartbeat.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { noteLeft, sinkIfAny } from './note-left.ts';
import type { Sink } from './sinks/sink.ts';

/**
 * Aborts what earlier attempts left; their labels follow from task and attempt. A zombie among them may prepare behind
 * that, and die before it learns that it lost: so they are noted first, where the sink cannot list what is left.
 *
 * @throws {TaskLost} when the task is another attempt's by now
 */
export async function abortEarlierAttempts(
  deps: LoaderDeps,
  sink: Sink,
  task: Task,
): Promise<void> {
  const earlier = task.attempt - 1;
  if (!(await noteLeft(deps, task, { sink, attempts: earlier }))) throw new TaskLost(task);
  for (let attempt = 1; attempt <= earlier; attempt += 1) {
    await sink.abort(attemptLabel(task, attempt));
  }
}

/**
 * Ends a claimed task that must not begin any more. What its earlier attempts prepared goes first: of a job that
 * never loads again, no other loader would ever look at it.
 *
 * @throws {OutcomeUnknown} when the store stays silent; then the lease decides
 */
export async function abandon(deps: LoaderDeps, job: Job | undefined, task: Task): Promise<void> {
  try {
    if (job && task.attempt > 1) await abortEarlierAttempts(deps, await deps.sinkOf(job), task);
  } catch (error) {
    if (error instanceof OutcomeUnknown) throw error;
    if (error instanceof TaskLost) return;
    const failure = asLoadFailure(error);
    const { code, message } = failure;
    deps.log('leftovers could not be removed', {
      jobId: task.jobId,
      taskId: task.id,
      code,
      message,
    });
    if (job === undefined) throw error;
    // A job that comes back has its sink swept then; one that does not tries this a few times more.
    if (isFinal(job.state)) return giveBack(deps, { job, task }, failure);
    // It may have failed before they were noted.
    await noteLeft(deps, task, { sink: await sinkIfAny(deps, job), attempts: task.attempt - 1 });
  }
  await cancelClaimed(deps, task);
}

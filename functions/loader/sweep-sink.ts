import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { parseAttemptLabel, type Task } from '#shared/domain/task.ts';
import { readTask } from '#shared/store/tasks.ts';
import type { LoaderDeps } from './loader-deps.ts';

/**
 * Removes what dead attempts left prepared. A zombie may prepare after its successor has aborted its label,
 * and die before it learns that it lost: nobody else would ever look at that label again.
 */
export async function sweepSink(deps: LoaderDeps, job: Job): Promise<void> {
  try {
    const sink = await deps.sinkOf(job);
    const swept = await sink.sweep(job.id, async ({ label }) => {
      const parsed = parseAttemptLabel(label);
      if (parsed === undefined || parsed.jobId !== job.id) return false;
      return isAbandoned(await readTask(deps.tables, job.id, parsed.taskId), parsed.attempt);
    });
    if (swept > 0) deps.log('leftovers of dead attempts removed', { jobId: job.id, swept });
  } catch (error) {
    // Leftovers can wait for the next loader; the task cannot, and finds out itself what is wrong.
    const { code, message } = asLoadFailure(error);
    deps.log('leftovers could not be swept', { jobId: job.id, code, message });
  }
}

/**
 * Whether nothing that this attempt still has prepared can ever count: it did not decide and cannot any more, or what
 * it decided on is committed. A task that is gone was finished long ago; one in doubt is evidence.
 */
export function isAbandoned(task: Task | undefined, attempt: number): boolean {
  // A cancelled task may have a decision, when a person said that it did not come to anything.
  if (task === undefined || task.status === 'CANCELLED') return true;
  // What counted is visible; beside it there can be rows without any, or an upload begun by a request sent twice.
  if (task.status === 'DONE') return true;
  if (task.status === 'IN_DOUBT' || task.decision?.attempt === attempt) return false;
  return task.status !== 'RUNNING' || attempt < task.attempt;
}

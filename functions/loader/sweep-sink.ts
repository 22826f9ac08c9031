import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { parseAttemptLabel } from '#shared/domain/task.ts';
import { readTask } from '#shared/store/tasks.ts';
import { isAbandoned } from './is-abandoned.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { sweepNoted } from './sweep-noted.ts';

/**
 * Removes what dead attempts left prepared. A zombie may prepare after its successor has aborted its label,
 * and die before it learns that it lost: nobody else would ever look at that label again.
 */
export async function sweepSink(deps: LoaderDeps, job: Job, onProgress: () => void): Promise<void> {
  try {
    const sink = await deps.sinkOf(job);
    if (!sink.sweep) return await sweepNoted(deps, { job, sink, onProgress });
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

import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { attemptLabel } from '#shared/domain/task.ts';
import {
  forgetLeftAttempts,
  type LeftAttempts,
  listLeftAttempts,
} from '#shared/store/left-attempts.ts';
import { readTask } from '#shared/store/tasks.ts';
import { isAbandoned } from './is-abandoned.ts';
import type { LoaderDeps } from './loader-deps.ts';
import type { Sink } from './sinks/sink.ts';
import { waiting } from './sinks/stream-load/waiting.ts';

/** More would keep the task of the loader that does it waiting; the next loader goes on. */
const MOST_TASKS = 20;

/** What a sweep by notes works on. */
interface NotedSweep {
  readonly job: Job;
  readonly sink: Sink;
  readonly onProgress: () => void;
}

/**
 * Aborts the labels that are noted for a job, once none of their attempts can be alive any more, and deletes the notes.
 *
 * What is committed, or going to be, is never aborted: a note names no attempt that has decided or could; the task,
 * read anew, has the last word; and a warehouse refuses to abort what is visible.
 *
 * @throws {LoadFailure} the sink's or the store's; then the notes stay for the next loader
 */
export async function sweepNoted(deps: LoaderDeps, sweep: NotedSweep): Promise<void> {
  const { tables, clock, settings } = deps;
  const noted = await listLeftAttempts(tables, sweep.job.id);
  const due = noted.filter(({ at }) => at + settings.loaderLifeMs <= clock.now());
  for (const left of due.slice(0, MOST_TASKS)) {
    try {
      await sweepTask(deps, sweep, left);
    } catch (error) {
      if (!(error instanceof LoadFailure) || error.code !== 'COMMIT_IN_DOUBT') throw error;
      // Rows are visible that no decision stands for. The others' labels are swept all the same.
      const { code, message } = error;
      deps.log('leftovers could not be swept', { jobId: sweep.job.id, code, message });
    }
  }
}

async function sweepTask(
  { tables, clock, log }: LoaderDeps,
  { sink, onProgress }: NotedSweep,
  left: LeftAttempts,
): Promise<void> {
  const { jobId, taskId, attempts } = left;
  const task = await readTask(tables, jobId, taskId);
  const undecided = Array.from({ length: attempts }, (_, i) => i + 1).filter(
    (attempt) => attempt !== task?.decision?.attempt,
  );
  if (!undecided.every((attempt) => isAbandoned(task, attempt))) return;
  for (const attempt of undecided) {
    const label = attemptLabel({ jobId, id: taskId }, attempt);
    await waiting(sink.abort(label), { clock, onProgress });
  }
  await forgetLeftAttempts(tables, left);
  log('labels of dead attempts aborted', { jobId, taskId, labels: undecided.length });
}

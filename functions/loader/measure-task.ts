import type { Decision } from '#shared/domain/task.ts';
import { totalCounts } from '#shared/domain/task.ts';
import type { LoaderDeps } from './loader-deps.ts';
import type { Attempt } from './run-task.ts';

/** When an attempt began and how long its commit took, in ms. */
export interface TaskTimes {
  readonly began: number;
  readonly commitMs: number;
}

/** Measures a task that is done: what it loaded, and how long it took. */
export function measureTask(
  { meter, clock }: Pick<LoaderDeps, 'meter' | 'clock'>,
  { job, task }: Pick<Attempt, 'job' | 'task'>,
  { decision, times }: { readonly decision: Decision; readonly times: TaskTimes },
): void {
  const { rows, rejected } = totalCounts(decision.statistics.counts);
  meter?.(
    {
      TasksDone: 1,
      Rows: rows,
      Bytes: decision.statistics.bytes,
      RowsRejected: rejected,
      TaskMs: clock.now() - times.began,
      CommitMs: times.commitMs,
    },
    { jobId: job.id, job: job.spec.name, taskId: task.id },
  );
}

import type { Decision } from '#shared/domain/task.ts';
import { totalCounts } from '#shared/domain/task.ts';
import type { Attempt } from './attempt.ts';
import type { LoaderDeps } from './loader-deps.ts';

/** When an attempt began and how long its commit took, in ms. */
export interface TaskTimes {
  readonly began: number;
  readonly commitMs: number;
}

type Measuring = Pick<LoaderDeps, 'meter' | 'clock' | 'spent'>;

/** Measures a task that is done: what it loaded, how long it took, and what that cost. */
export function measureTask(
  { meter, clock, spent }: Measuring,
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
      ...costs(spent),
    },
    about({ job, task }),
  );
}

/** Counts an attempt that failed, whose cost is its job's, too. */
export function measureFailure(
  { meter, spent }: Measuring,
  attempt: Pick<Attempt, 'job' | 'task'>,
): void {
  meter?.({ TasksFailed: 1, ...costs(spent) }, about(attempt));
}

function about({ job, task }: Pick<Attempt, 'job' | 'task'>) {
  return { jobId: job.id, job: job.spec.name, taskId: task.id };
}

function costs(spent: Measuring['spent']) {
  if (spent === undefined) return {};
  const { gbSeconds, readUnits, writeUnits } = spent();
  return { TaskGbSeconds: gbSeconds, TaskReadUnits: readUnits, TaskWriteUnits: writeUnits };
}

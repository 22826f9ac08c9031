import type { Job } from './job.ts';
import type { Task } from './task.ts';

/**
 * Whether a task without a decision may begin: its job runs in the task's generation, and, for dead letters, the
 * request that it was planned for still stands.
 */
export function mayBegin(
  job: Pick<Job, 'state' | 'generation' | 'redrive'>,
  { generation, redrive }: Pick<Task, 'generation' | 'redrive'>,
): boolean {
  if (job.state !== 'RUNNING' || job.generation !== generation) return false;
  return redrive === undefined || redrive.request === job.redrive?.id;
}

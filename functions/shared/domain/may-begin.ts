import type { Job } from './job.ts';
import { loadsDeadLetters } from './redrive.ts';
import type { Task } from './task.ts';

/**
 * Whether a task without a decision may begin: its job runs in the task's generation. For dead letters the request
 * that it was planned for must still stand, and the job may be completed.
 */
export function mayBegin(
  job: Pick<Job, 'state' | 'generation' | 'redrive'>,
  { generation, redrive }: Pick<Task, 'generation' | 'redrive'>,
): boolean {
  if (job.generation !== generation) return false;
  if (redrive === undefined) return job.state === 'RUNNING';
  return loadsDeadLetters(job) && redrive.request === job.redrive?.id;
}

import type { Job } from '#shared/domain/job.ts';
import type { Task } from '#shared/domain/task.ts';
import type { Heartbeat } from './heartbeat.ts';

/** A claimed task, and who works on it. `deadline` is epoch ms until which reading may go on. */
export interface Attempt {
  readonly job: Job;
  readonly task: Task;
  readonly owner: string;
  readonly deadline: number;
  readonly heartbeat: Heartbeat;
}

import type { Job } from './job.ts';
import type { Task } from './task.ts';

/**
 * What asks a job to make room for others: its loaders plan nothing behind the tasks that these lanes have had since
 * before `at`, so that cycles give their room away anew. It ends by itself, as a cycle's next task of the lane is a later
 * one, and binds no lane twice. A clock that goes wrong makes it come to nothing, or a lane idle for a cycle.
 */
export interface Yielding {
  /** Epoch ms. */
  readonly at: number;
  /** Indexes, of any generation. */
  readonly lanes: readonly number[];
}

/** Whether the task's lane is to have no next task but by a cycle. */
export function yieldsAfter(
  { yielding }: Pick<Job, 'yielding'>,
  { lane, createdAt }: Pick<Task, 'lane' | 'createdAt'>,
): boolean {
  return yielding !== undefined && createdAt < yielding.at && yielding.lanes.includes(lane);
}

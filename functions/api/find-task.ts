import type { Task } from '#shared/domain/task.ts';
import type { Tables } from '#shared/store/tables.ts';
import { readTask } from '#shared/store/tasks.ts';
import { ULID } from './find-job.ts';

/** The task of a job that a path names, or `undefined`; what cannot be an id is not looked for: keys have at most 1 KB. */
export async function findTask(
  tables: Tables,
  jobId: string,
  taskId: string,
): Promise<Task | undefined> {
  return ULID.test(taskId) ? readTask(tables, jobId, taskId) : undefined;
}

import type { Task } from '../domain/task.ts';
import type { Tables } from './tables.ts';
import { listTasks } from './tasks.ts';

/** Tasks per read; their items are at most a page of DynamoDB's megabyte. */
const PAGE = 1_000;

/**
 * The DONE tasks of a job, newest first, page by page: whatever was DONE when this began, and perhaps some that
 * became it since.
 */
export async function* finishedTasks(tables: Tables, jobId: string): AsyncGenerator<Task[]> {
  let cursor: string | undefined;
  do {
    const page = await listTasks(tables, jobId, { limit: PAGE, cursor });
    yield page.tasks.filter(({ status }) => status === 'DONE');
    cursor = page.cursor;
  } while (cursor !== undefined);
}

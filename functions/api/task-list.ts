import type { Task } from '#shared/domain/task.ts';
import type { Tables } from '#shared/store/tables.ts';
import { listTasks } from '#shared/store/tasks.ts';
import type { StoredList } from './filtered-page.ts';

/** The tasks of a job that match, newest first. `name` tells lists of different kinds apart. */
export function taskList(
  tables: Tables,
  job: { readonly jobId: string; readonly name: string },
  matches: (task: Task) => boolean,
): StoredList<Task> {
  return {
    name: `${job.name}:${job.jobId}`,
    read: async (options) => {
      const { tasks, cursor } = await listTasks(tables, job.jobId, options);
      return { items: tasks, cursor };
    },
    idOf: ({ id }) => id,
    matches,
  };
}

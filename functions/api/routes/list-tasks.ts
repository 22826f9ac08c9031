import * as z from 'zod';
import { TASK_STATUSES } from '#shared/domain/task.ts';
import { answer } from '../answer.ts';
import { filteredPage } from '../filtered-page.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { listOf, pageParameters, readQuery } from '../read-query.ts';
import { taskList } from '../task-list.ts';
import { taskListView, viewTaskList } from '../views/task-view.ts';

const parameters = z.strictObject({
  ...pageParameters,
  /** Any of these. */
  status: listOf(TASK_STATUSES).optional(),
});

/** `GET /jobs/{job}/tasks?status=&limit=&cursor=`: live and finished tasks, newest first. */
export const listTasks: Route = {
  method: 'GET',
  path: '/jobs/{job}/tasks',
  run: async ({ tables }, request) => {
    const { query } = required({ query: readQuery(request, parameters) });
    const { id: jobId } = await findJob(tables, request.parameters.job ?? '');
    const { status } = query;
    const list = taskList(
      tables,
      { jobId, name: 'tasks' },
      (task) => status === undefined || status.includes(task.status),
    );
    return answer(taskListView, viewTaskList(await filteredPage(list, query)));
  },
};

import { answer } from '../answer.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { findTask } from '../find-task.ts';
import { required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { taskView, viewTask } from '../views/task-view.ts';

/** `GET /jobs/{job}/tasks/{task}`: one task with its slice, decision and bad rows. */
export const showTask: Route = {
  method: 'GET',
  path: '/jobs/{job}/tasks/{task}',
  run: async ({ tables }, request) => {
    required({ query: readQuery(request, noParameters) });
    const { job: idOrName = '', task: taskId = '' } = request.parameters;
    const job = await findJob(tables, idOrName);
    const task = await findTask(tables, job.id, taskId);
    if (task) return answer(taskView, viewTask(task));
    throw new ApiProblem(
      'TASK_NOT_FOUND',
      'the job has no task of this id; finished ones are kept for some days only',
    );
  },
};

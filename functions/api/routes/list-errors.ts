import * as z from 'zod';
import { answer } from '../answer.ts';
import { filteredPage } from '../filtered-page.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { pageParameters, readQuery } from '../read-query.ts';
import { taskList } from '../task-list.ts';
import { errorListView, viewErrorList } from '../views/task-view.ts';

const parameters = z.strictObject(pageParameters);

/** `GET /jobs/{job}/errors?limit=&cursor=`: the tasks with bad rows, of which it shows samples, or with an error. */
export const listErrors: Route = {
  method: 'GET',
  path: '/jobs/{job}/errors',
  run: async ({ tables }, request) => {
    const { query } = required({ query: readQuery(request, parameters) });
    const { id: jobId } = await findJob(tables, request.parameters.job ?? '');
    const list = taskList(
      tables,
      { jobId, name: 'errors' },
      ({ error, decision }) =>
        error !== undefined || (decision?.statistics.badRows.length ?? 0) > 0,
    );
    return answer(errorListView, viewErrorList(await filteredPage(list, query)));
  },
};

import * as z from 'zod';
import { listDeadLetters as readDeadLetters } from '#shared/store/dead-letters.ts';
import { answer } from '../answer.ts';
import { filteredPage } from '../filtered-page.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { pageParameters, readQuery } from '../read-query.ts';
import { deadLettersView, viewDeadLetters } from '../views/dead-letters-view.ts';

const parameters = z.strictObject(pageParameters);

/** `GET /jobs/{job}/dead-letters?limit=&cursor=`: those that have not been loaded again, newest first. */
export const listDeadLetters: Route = {
  method: 'GET',
  path: '/jobs/{job}/dead-letters',
  run: async ({ tables }, request) => {
    const { query } = required({ query: readQuery(request, parameters) });
    const { id: jobId } = await findJob(tables, request.parameters.job ?? '');
    const page = await filteredPage(
      {
        name: `dead-letters:${jobId}`,
        read: async (options) => {
          const { letters, cursor } = await readDeadLetters(tables, jobId, {
            ...options,
            newestFirst: true,
          });
          return { items: letters, cursor };
        },
        idOf: ({ taskId }) => taskId,
        matches: () => true,
      },
      query,
    );
    return answer(deadLettersView, viewDeadLetters(page));
  },
};

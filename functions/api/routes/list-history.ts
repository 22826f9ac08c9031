import * as z from 'zod';
import { listHistory as readHistory } from '#shared/store/jobs.ts';
import { answer } from '../answer.ts';
import { filteredPage } from '../filtered-page.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { pageParameters, readQuery } from '../read-query.ts';
import { historyView, viewHistory } from '../views/history-view.ts';

const parameters = z.strictObject(pageParameters);

/** `GET /jobs/{job}/history?limit=&cursor=`: changes of state and specification, and lost ranges, newest first. */
export const listHistory: Route = {
  method: 'GET',
  path: '/jobs/{job}/history',
  run: async ({ tables }, request) => {
    const { query } = required({ query: readQuery(request, parameters) });
    const { id: jobId } = await findJob(tables, request.parameters.job ?? '');
    const page = await filteredPage(
      {
        name: `history:${jobId}`,
        read: async (options) => {
          const { entries, cursor } = await readHistory(tables, jobId, options);
          return { items: entries, cursor };
        },
        idOf: ({ id }) => id,
        matches: () => true,
      },
      query,
    );
    return answer(historyView, viewHistory(page));
  },
};

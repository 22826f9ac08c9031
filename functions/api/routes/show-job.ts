import { answer } from '../answer.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { readSnapshot } from '../job-snapshot.ts';
import { required } from '../parsed.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { jobView, viewJob } from '../views/job-view.ts';

/** `GET /jobs/{job}`: state, progress and specification of one job. */
export const showJob: Route = {
  method: 'GET',
  path: '/jobs/{job}',
  run: async ({ tables, clock, cycleMs }, request) => {
    required({ query: readQuery(request, noParameters) });
    const job = await findJob(tables, request.parameters.job ?? '');
    const snapshot = await readSnapshot(tables, job);
    return answer(jobView, viewJob(snapshot, { now: clock.now(), cycleMs }));
  },
};

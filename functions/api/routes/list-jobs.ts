import * as z from 'zod';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import { listJobs as readJobs } from '#shared/store/jobs.ts';
import { UnreadableJob } from '#shared/store/unreadable-job.ts';
import { answer } from '../answer.ts';
import { filteredPage } from '../filtered-page.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { listOf, once, pageParameters, readQuery } from '../read-query.ts';
import { jobListView, viewJobList } from '../views/job-list-view.ts';

const parameters = z.strictObject({
  ...pageParameters,
  /** Any of these. */
  state: listOf(JOB_STATES).optional(),
  /** A part of the name, upper and lower case alike. */
  name: once.pipe(z.string().min(1).max(64)).optional(),
});

/**
 * `GET /jobs?state=&name=&limit=&cursor=`: all jobs, final ones too, newest first. One that cannot be read is shown by
 * its id whatever the filter, since nobody knows its state or its name.
 */
export const listJobs: Route = {
  method: 'GET',
  path: '/jobs',
  run: async ({ tables }, request) => {
    const { query } = required({ query: readQuery(request, parameters) });
    const { state, limit, cursor } = query;
    const part = query.name?.toLowerCase() ?? '';
    const page = await filteredPage(
      {
        name: 'jobs',
        read: async (options) => {
          const { jobs, cursor: next } = await readJobs(tables, options);
          return { items: jobs, cursor: next };
        },
        idOf: (job) => (job instanceof UnreadableJob ? job.jobId : job.id),
        matches: (job) =>
          job instanceof UnreadableJob ||
          ((state === undefined || state.includes(job.state)) &&
            job.spec.name.toLowerCase().includes(part)),
      },
      { limit, cursor },
    );
    return answer(jobListView, viewJobList(page));
  },
};

import type * as z from 'zod';
import { jobListView } from '../../../functions/api/views/job-list-view.ts';
import { jobView } from '../../../functions/api/views/job-view.ts';
import { taskListView } from '../../../functions/api/views/task-view.ts';

/** How the page asks the API: a path with its query, to status and body. */
export type Get = (
  path: string,
) => Promise<{ readonly status: number; readonly body: { toString(): string } }>;

export type JobShown = z.output<typeof jobView>;
export type TaskShown = z.output<typeof taskListView>['tasks'][number];
export type JobListed = z.output<typeof jobListView>['jobs'][number];

/** A job with its latest tasks, newest first. */
export interface JobWithTasks {
  readonly job: JobShown;
  readonly tasks: readonly TaskShown[];
}

const MOST_JOBS = 30;
const MOST_TASKS = 100;

/** The newest jobs. @throws {Error} when the API says anything but 200, or something that it should not */
export async function readJobs(get: Get): Promise<readonly JobListed[]> {
  return (await ask(get, `/jobs?limit=${MOST_JOBS}`, jobListView)).jobs;
}

/** A job, by id or name. @throws {Error} as {@link readJobs} */
export async function readJob(get: Get, idOrName: string): Promise<JobWithTasks> {
  const path = `/jobs/${encodeURIComponent(idOrName)}`;
  const [job, { tasks }] = await Promise.all([
    ask(get, path, jobView),
    ask(get, `${path}/tasks?limit=${MOST_TASKS}`, taskListView),
  ]);
  return { job, tasks };
}

async function ask<S extends z.ZodType>(get: Get, path: string, schema: S): Promise<z.output<S>> {
  const { status, body } = await get(path);
  if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${body}`);
  return schema.parse(JSON.parse(String(body)));
}

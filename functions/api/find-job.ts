import type { Job } from '#shared/domain/job.ts';
import { readJob, readNameHolder } from '#shared/store/jobs.ts';
import type { Tables } from '#shared/store/tables.ts';
import { ApiProblem } from './problem.ts';

/** What ids of jobs and tasks look like. */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The job that a path names: by its id, final or not; else by its name, which stands for the one job that
 * holds it, never for a final one. A name that looks like an id can only be meant when no job has that id.
 *
 * @throws {ApiProblem} JOB_NOT_FOUND
 */
export async function findJob(tables: Tables, idOrName: string): Promise<Job> {
  const byId = ULID.test(idOrName) ? await readJob(tables, idOrName) : undefined;
  if (byId) return byId;
  const holder = NAME.test(idOrName) ? await readNameHolder(tables, idOrName) : undefined;
  const byName = holder === undefined ? undefined : await readJob(tables, holder);
  if (byName) return byName;
  throw new ApiProblem(
    'JOB_NOT_FOUND',
    `no job has this id, and none that is not final has this name; ${
      NAME.test(idOrName)
        ? `final ones of this name, with their ids: GET /jobs?name=${idOrName}`
        : 'a final job is found by its id'
    }`,
  );
}

import { beforeEach } from 'vitest';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { apiOver, makeStillClock, smallSpec } from './api-calls.ts';
import { freshTables } from './tables.ts';

/**
 * The API over tables of the file's own, under a clock that stands still, and a job that is new for each of the
 * file's tests.
 *
 * @param spec what the jobs say beside what they must
 */
export async function jobForEachTest(spec: Partial<JobSpecInput> = {}) {
  const clock = makeStillClock();
  const { tables } = await freshTables();
  const { call } = apiOver(tables, { clock });
  const job = { id: '', name: '' };
  let made = 0;
  beforeEach(async () => {
    made += 1;
    job.name = `job-${made}`;
    job.id = (await call('POST /jobs', { body: smallSpec(job.name, spec) })).body.id;
  });
  return { clock, tables, call, job };
}

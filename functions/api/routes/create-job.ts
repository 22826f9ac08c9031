import { newJob } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import { type JobSpec, jobSpec } from '#shared/domain/job-spec.ts';
import { insertJob, readJob, readNameHolder } from '#shared/store/jobs.ts';
import { answer } from '../answer.ts';
import { bindKey, readIdempotencyKey } from '../creation-request.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../find-route.ts';
import { readSnapshot } from '../job-snapshot.ts';
import { required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { readJson } from '../read-json.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { readSpec } from '../read-spec.ts';
import { jobView, viewJob } from '../views/job-view.ts';

/** How often a name may be freed and taken again under our hands. */
const TRIES = 3;

/**
 * `POST /jobs`: 201 with the job and its `location`. With an `Idempotency-Key` the request may be repeated for
 * good: the same key and body answer with the same job, as it is by then, and `idempotency-replayed: true`.
 */
export const createJob: Route = {
  method: 'POST',
  path: '/jobs',
  body: jobSpec,
  run: async (deps, request) => {
    const body = readJson(request, ['application/json']);
    const { key, spec } = required({
      query: readQuery(request, noParameters),
      key: readIdempotencyKey(request),
      spec: readSpec(body, deps.limits),
    });
    const ownId = deps.newId();
    const id = key === undefined ? ownId : await bindKey(deps.tables, { key, body, jobId: ownId });
    const earlier = id === ownId ? undefined : await readJob(deps.tables, id);
    const job = earlier ?? (await insert(deps, spec, { id, idempotencyKey: key }));
    const snapshot = await readSnapshot(deps.tables, job);
    const now = deps.clock.now();
    return answer(jobView, viewJob(snapshot, { now, cycleMs: deps.cycleMs }), {
      status: 201,
      headers: {
        location: `${request.base}/jobs/${job.id}`,
        ...(earlier && { 'idempotency-replayed': 'true' }),
      },
    });
  },
};

async function insert(
  { tables, clock, newId }: ApiDeps,
  spec: JobSpec,
  identity: { readonly id: string; readonly idempotencyKey: string | undefined },
): Promise<Job> {
  let holder: string | undefined;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { after, entry } = newJob(spec, { ...identity, token: newId(), now: clock.now() });
    if (await insertJob(tables, after, entry)) return after;
    // The same request, sent twice at once, may have been faster under the same id.
    const twin = await readJob(tables, identity.id);
    if (twin) return twin;
    holder = await readNameHolder(tables, spec.name);
    if (holder !== undefined) break;
  }
  throw new ApiProblem(
    'NAME_TAKEN',
    `the name ${spec.name} is held by job ${holder ?? 'another'}`,
    {
      faults: [{ pointer: '/name', detail: 'must not be the name of a job that is not final' }],
      ...(holder !== undefined && { jobId: holder }),
    },
  );
}

import { answer } from '../answer.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { proveCompleteness } from '../prove-completeness.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { completenessView, viewCompleteness } from '../views/completeness-view.ts';

/** API Gateway waits 30 s for an answer; what is read by then proves less, but that much. */
const READING_MS = 20_000;

/**
 * `GET /jobs/{job}/verify`: proves from the finished tasks that each partition's offsets were loaded without gap or
 * overlap from where its loading began to where it stands. Looks neither into the topic nor into the destination.
 */
export const verifyJob: Route = {
  method: 'GET',
  path: '/jobs/{job}/verify',
  run: async (deps, request) => {
    required({ query: readQuery(request, noParameters) });
    const job = await findJob(deps.tables, request.parameters.job ?? '');
    const proof = await proveCompleteness(deps, job, deps.clock.now() + READING_MS);
    return answer(completenessView, viewCompleteness(proof, deps.retentionDays));
  },
};

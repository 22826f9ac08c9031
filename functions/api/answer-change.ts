import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ChangeStamp, JobChange } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import { answer } from './answer.ts';
import { changeJob } from './change-job.ts';
import type { ApiDeps } from './deps.ts';
import { readSnapshot } from './job-snapshot.ts';
import { required } from './parsed.ts';
import { readNothing } from './read-nothing.ts';
import { noParameters, readQuery } from './read-query.ts';
import type { ApiRequest } from './request.ts';
import { stateView, viewState } from './views/state-view.ts';

/**
 * What pause, resume and stop have in common. A wish that is fulfilled already is answered like one that just
 * was, and changes nothing; so all three may be repeated.
 *
 * @param decide the change, or `undefined` when the job is as wished
 */
export async function answerChange(
  deps: ApiDeps,
  request: ApiRequest,
  decide: (job: Job, stamp: ChangeStamp) => JobChange | undefined,
): Promise<APIGatewayProxyStructuredResultV2> {
  required({ query: readQuery(request, noParameters), body: readNothing(request) });
  const job = await changeJob(deps, request.parameters.job ?? '', decide);
  return answer(stateView, viewState(await readSnapshot(deps.tables, job)));
}

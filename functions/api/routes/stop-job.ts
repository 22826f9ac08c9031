import { changeState } from '#shared/domain/change-job.ts';
import { answerChange } from '../answer-change.ts';
import type { Route } from '../find-route.ts';

/** `POST /jobs/{job}/stop`: for good. The name is free at once; the job is found by its id from then on. */
export const stopJob: Route = {
  method: 'POST',
  path: '/jobs/{job}/stop',
  run: (deps, request) =>
    answerChange(deps, request, (job, stamp) =>
      job.state === 'STOPPED'
        ? undefined
        : changeState(job, 'STOPPED', {
            ...stamp,
            code: 'STOPPED_BY_USER',
            message: 'stopped by the user',
          }),
    ),
};

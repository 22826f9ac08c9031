import { changeState } from '#shared/domain/change-job.ts';
import { holdPause } from '#shared/domain/hold-pause.ts';
import { answerChange } from '../answer-change.ts';
import type { Route } from '../find-route.ts';

/**
 * `POST /jobs/{job}/pause`. A job that a passing problem has paused stays paused from now on; one that waits for
 * a person already is left as it is.
 */
export const pauseJob: Route = {
  method: 'POST',
  path: '/jobs/{job}/pause',
  run: (deps, request) =>
    answerChange(deps, request, (job, stamp) =>
      job.state === 'PAUSED'
        ? holdPause(job, stamp)
        : changeState(job, 'PAUSED', {
            ...stamp,
            code: 'PAUSED_BY_USER',
            message: 'paused by the user',
          }),
    ),
};

import { changeState } from '#shared/domain/change-job.ts';
import { answerChange } from '../answer-change.ts';
import type { Route } from '../find-route.ts';

/** `POST /jobs/{job}/resume`: PAUSED becomes NEED_SCHEDULE, never RUNNING: the job is divided anew first. */
export const resumeJob: Route = {
  method: 'POST',
  path: '/jobs/{job}/resume',
  run: (deps, request) =>
    answerChange(deps, request, (job, stamp) =>
      // RUNNING could legally become NEED_SCHEDULE too, but nobody asks for a division by this.
      job.state === 'NEED_SCHEDULE' || job.state === 'RUNNING'
        ? undefined
        : changeState(job, 'NEED_SCHEDULE', {
            ...stamp,
            code: 'RESUMED_BY_USER',
            message: 'resumed by the user',
          }),
    ),
};

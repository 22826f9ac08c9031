import { requestRedrive } from '#shared/domain/change-redrive.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import { listDeadLetters } from '#shared/store/dead-letters.ts';
import { answer } from '../answer.ts';
import { changeJob } from '../change-job.ts';
import type { Route } from '../find-route.ts';
import { readSnapshot } from '../job-snapshot.ts';
import { required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { readNothing } from '../read-nothing.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { redriveView, viewRedrive } from '../views/redrive-view.ts';

/**
 * `POST /jobs/{job}/redrive`: loads the dead letters that there are now once more, by the specification as it is
 * now, each row exactly once. Those that are bad again stay dead letters. A paused job does it when it runs again;
 * a completed one does it and stays COMPLETED.
 *
 * May be repeated: while a request for the same dead letters stands, it is answered and nothing changes.
 */
export const redriveJob: Route = {
  method: 'POST',
  path: '/jobs/{job}/redrive',
  run: async (deps, request) => {
    required({ query: readQuery(request, noParameters), body: readNothing(request) });
    const job = await changeJob(deps, request.parameters.job ?? '', async (current, stamp) => {
      if (isFinal(current.state) && !loadsDeadLetters(current)) {
        throw new ApiProblem(
          'ILLEGAL_STATE_CHANGE',
          `${current.state} is final: the job loads nothing any more, nor its dead letters; only one that is COMPLETED still does that`,
        );
      }
      const newest = await listDeadLetters(deps.tables, current.id, {
        limit: 1,
        newestFirst: true,
      });
      const upTo = newest.letters[0]?.taskId;
      if (upTo === undefined) {
        throw new ApiProblem('NO_DEAD_LETTERS', 'no dead letters of the job wait to be loaded');
      }
      return current.redrive?.upTo === upTo
        ? undefined
        : requestRedrive(current, { ...stamp, upTo });
    });
    return answer(redriveView, viewRedrive(await readSnapshot(deps.tables, job)));
  },
};

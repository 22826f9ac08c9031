import * as z from 'zod';
import type { Task } from '#shared/domain/task.ts';
import { historyOfEnd } from '#shared/domain/task-history.ts';
import { OUTCOMES, type Outcome, type Resolution, resolveDoubt } from '#shared/store/resolve.ts';
import { answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { findTask } from '../find-task.ts';
import { required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { readBody } from '../read-body.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { taskView, viewTask } from '../views/task-view.ts';

const verdict = z.strictObject({ outcome: z.enum(OUTCOMES) });

/** Somebody else may resolve the task at the same time; then the second look finds it resolved. */
const TRIES = 3;

/**
 * `POST /jobs/{job}/tasks/{task}/resolve`: what became of a task whose commit could not be confirmed, said by a
 * person who has looked into the destination. `committed`: its rows are there, the lane goes on behind them;
 * `not-committed`: they are not, and are loaded by another task. Nothing checks whether that is true.
 *
 * May be repeated: a task that was resolved the same way is answered like one that just was.
 */
export const resolveTask: Route = {
  method: 'POST',
  path: '/jobs/{job}/tasks/{task}/resolve',
  body: verdict,
  run: async (deps, request) => {
    const { body } = required({
      query: readQuery(request, noParameters),
      body: readBody(request, verdict),
    });
    const { job: idOrName = '', task: taskId = '' } = request.parameters;
    const job = await findJob(deps.tables, idOrName);
    const resolved = await resolve(deps, { jobId: job.id, taskId }, body.outcome);
    return answer(taskView, viewTask(resolved));
  },
};

async function resolve(
  deps: ApiDeps,
  { jobId, taskId }: { readonly jobId: string; readonly taskId: string },
  outcome: Outcome,
): Promise<Task> {
  for (let tries = 0; tries <= TRIES; tries += 1) {
    const task = await findTask(deps.tables, jobId, taskId);
    if (task === undefined)
      throw new ApiProblem('TASK_NOT_FOUND', 'the job has no task of this id');
    if (isResolved(task, outcome)) return task;
    if (task.status !== 'IN_DOUBT') {
      throw new ApiProblem(
        'TASK_NOT_IN_DOUBT',
        `only a task that is IN_DOUBT can be resolved, this one is ${task.status}`,
      );
    }
    if (tries < TRIES) await resolveDoubt(deps.tables, task, resolutionOf(deps, task, outcome));
  }
  throw new ApiProblem(
    'CHANGED_MEANWHILE',
    'the task is in doubt, but does not hold its lane; nothing of this request was done',
  );
}

/** The error stays with the task: it tells one that was in doubt from one that ended by itself. */
function isResolved({ status, error }: Task, outcome: Outcome): boolean {
  const wanted = outcome === 'committed' ? 'DONE' : 'CANCELLED';
  return status === wanted && error?.code === 'COMMIT_IN_DOUBT';
}

function resolutionOf(deps: ApiDeps, task: Task, outcome: Outcome): Resolution {
  const now = deps.clock.now();
  const words =
    outcome === 'committed'
      ? 'its rows are in the destination; the lane goes on behind them'
      : 'its rows are not in the destination; they are loaded by another task';
  const message = `task ${task.id} was in doubt; resolved by the user: ${words}`;
  return {
    outcome,
    now,
    retentionDays: deps.retentionDays,
    further: task.decision ? historyOfEnd(task, task.decision, { now, newId: deps.newId }) : [],
    entry: {
      id: deps.newId(),
      at: now,
      kind: 'task',
      reason: { code: 'RESOLVED_BY_USER', message, at: now },
      detail: { taskId: task.id, lane: task.lane, generation: task.generation, outcome },
    },
  };
}

import type { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { mayBegin } from '#shared/domain/may-begin.ts';
import { isRedriveLane } from '#shared/domain/redrive.ts';
import type { Task } from '#shared/domain/task.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';
import { pauseFor } from './plan-reason.ts';

/** The care of tasks that are under way, whatever the job's state. */

/** An offer that nobody took is repeated after this many cycles. */
const UNCLAIMED_CYCLES = 2;

/** Where no loader has taken a task after this many offers, none will come to clean up behind it. */
const MOST_OFFERS = 10;

/** The lanes of the generation that counts. */
export function currentLanes({ job, lanes }: Pick<Observed, 'job' | 'lanes'>): Lane[] {
  return lanes.filter((lane) => lane.generation === job.generation);
}

/** Those of them that own partitions. */
export function partitionLanes(observed: Pick<Observed, 'job' | 'lanes'>): Lane[] {
  return currentLanes(observed).filter((lane) => !isRedriveLane(lane));
}

/**
 * Re-offers tasks whose lease ran out and PENDING ones that nobody claimed; cancels those that nobody has begun and
 * nobody may begin any more. A task with a decision is never cancelled: it is finished whatever became of its job.
 */
export function planTaskCare(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const actions: Action[] = [];
  for (const task of observed.tasks.values()) {
    const action = planTask(observed.job, task, { settings, now });
    if (action) actions.push(action);
  }
  const dying = dyingTask(observed, actions, settings);
  const { job } = observed;
  if (dying && (job.state === 'RUNNING' || mayBegin(job, dying.task))) actions.push(endFor(dying));
  return actions;
}

function planTask(
  job: Job,
  task: Task,
  { settings, now }: { readonly settings: PlanSettings; readonly now: number },
): Action | undefined {
  if (task.status === 'RUNNING') {
    const lost = (task.leaseUntil ?? 0) + settings.leaseMarginMs < now;
    return lost ? { kind: 'reoffer', task, error: lostError(task, now) } : undefined;
  }
  if (task.status !== 'PENDING') return undefined;
  // An earlier attempt may have left something in the sink. Only a loader can remove it, and then cancels the task.
  const isOurs = task.attempt === 0 || task.offers > MOST_OFFERS;
  if (isOurs && task.decision === undefined && !mayBegin(job, task))
    return { kind: 'cancel', task };
  return isUnclaimed(task, settings, now) ? { kind: 'touch', task } : undefined;
}

function isUnclaimed(task: Task, settings: PlanSettings, now: number): boolean {
  const { notBefore = 0, offeredAt } = task;
  if (now < notBefore) return false;
  // Offered when it was not to be claimed yet: nobody has heard of it since.
  if (offeredAt < notBefore) return true;
  return offeredAt + UNCLAIMED_CYCLES * settings.cycleMs <= now;
}

function lostError(task: Task, now: number) {
  const message = `attempt ${task.attempt} of task ${task.id} stopped renewing its lease; its loader has died or hangs`;
  return { code: 'LOADER_LOST', message, at: now, attempt: task.attempt } as const;
}

/** A task that cannot go on, and why. */
interface DyingTask extends Pick<LoadFailure, 'code' | 'message' | 'facts'> {
  readonly task: Task;
}

/** Pauses the job; dead letters that kill loaders only end the request for them. */
function endFor({ task, ...failure }: DyingTask): Action {
  return task.redrive ? { kind: 'end-redrive', taskId: task.id, failure } : pauseFor(failure);
}

/** A task that loses loader after loader is not offered for ever: that would cost a loader a minute. */
function dyingTask(
  { tasks }: Observed,
  actions: readonly Action[],
  settings: PlanSettings,
): DyingTask | undefined {
  for (const action of actions) {
    if (action.kind !== 'reoffer') continue;
    const failures = (tasks.get(action.task.id)?.failures ?? 0) + 1;
    if (failures < settings.maxTaskFailures || action.task.decision) continue;
    return {
      task: action.task,
      code: 'LOADER_LOST',
      message: `task ${action.task.id} failed ${failures} times, allowed: ${settings.maxTaskFailures}; last: ${action.error.message}`,
      facts: { taskId: action.task.id, lane: action.task.lane },
    };
  }
  return undefined;
}

/**
 * A task in doubt keeps its lane, and with it the division, until a person has looked: its job is paused with
 * that reason, also when somebody has resumed it, or when the loader died before it could pause it.
 */
export function pauseForDoubt(observed: Observed): Action | undefined {
  const doubt = taskInDoubt(observed);
  return doubt && pauseFor(doubt);
}

/** A task that is in doubt, if one is, as a failure. */
export function taskInDoubt({ tasks }: Observed): DyingTask | undefined {
  const task = [...tasks.values()].find(({ status }) => status === 'IN_DOUBT');
  if (task === undefined) return undefined;
  return {
    task,
    code: 'COMMIT_IN_DOUBT',
    message: `task ${task.id} of lane ${task.lane} is in doubt: ${task.error?.message ?? 'its commit could not be confirmed'}`,
    facts: { taskId: task.id, lane: task.lane },
  };
}

/**
 * Lanes of generations that are over: whatever an old division or a lost race left. Only those before the
 * job's: a cycle that read its job a while ago may see lanes of a later generation, and that one may count
 * by now.
 */
export function sweepLanes({ job, lanes }: Observed): Action[] {
  return lanes
    .filter((lane) => lane.generation < job.generation && lane.taskId === undefined)
    .map((lane) => ({ kind: 'sweep-lane', lane }));
}

import type { Job } from '#shared/domain/job.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { isRedriveLane } from '#shared/domain/redrive.ts';
import { yieldsAfter } from '#shared/domain/yielding.ts';
import type { Action, Observed } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/**
 * Who makes room for whom. A lane with a backlog keeps its task's place for its next one, so that without asking, a
 * job that came later could wait for ever where all of the capacity is in use.
 *
 * - A job is due its fair share: the capacity divided by the number of jobs that have or want tasks, at least 1.
 * - Jobs that have more make room for those that wait with less, as many lanes as are missing and no more. That happens
 *   once: then each has its share.
 * - Lanes of one job that is at its share, and jobs where there are more of them than tasks, take turns. That never ends,
 *   and a lane that yields is idle up to a cycle: at most a quarter of them yields at a time.
 */

/** Of lanes that take turns, one in so many yields in a cycle. */
const TURNS = 4;

/** A job as a cycle leaves it. */
export interface Standing {
  /** As it is stored now. */
  readonly job: Job;
  /** Tasks that it has. */
  readonly live: number;
  /** Tasks more that it would have got if there had been room. */
  readonly waiting: number;
  /** Lanes that were asked to yield and still have their task. */
  readonly yielding: readonly number[];
  /** Lanes that can be asked, those with the most tasks behind them first. */
  readonly askable: readonly number[];
}

/** A job that is to yield, and all of its lanes that are. */
export interface Ask {
  readonly job: Job;
  readonly lanes: readonly number[];
}

/** How many tasks each job is due. */
export function fairShare(capacity: number, jobs: number): number {
  return Math.max(1, Math.floor(capacity / Math.max(1, jobs)));
}

/** Where a job stands after what was planned for it. @param ideal what would have been, had there been room */
export function standingOf(
  { job, lanes, tasks }: Observed,
  actions: readonly Action[],
  ideal: readonly Action[],
): Standing {
  const isDivided = actions.some(({ kind }) => kind === 'divide');
  const planned = slicesIn(actions);
  const yielding: number[] = [];
  const askable: { index: number; tasks: number }[] = [];
  let live = planned;
  for (const lane of currentLanes({ job, lanes })) {
    const task = lane.taskId === undefined ? undefined : tasks.get(lane.taskId);
    if (task?.status !== 'PENDING' && task?.status !== 'RUNNING') continue;
    live += 1;
    if (yieldsAfter(job, task)) yielding.push(lane.index);
    else if (job.state === 'RUNNING' && !isRedriveLane(lane)) askable.push(lane);
  }
  return {
    job,
    live,
    waiting: isDivided ? 0 : lanesIn(ideal) + slicesIn(ideal) - planned,
    yielding,
    askable: askable.sort((a, b) => b.tasks - a.tasks).map(({ index }) => index),
  };
}

function slicesIn(actions: readonly Action[]): number {
  return actions.filter(({ kind }) => kind === 'plan-slice').length;
}

function lanesIn(actions: readonly Action[]): number {
  return actions.reduce((sum, a) => sum + (a.kind === 'divide' ? a.lanes.length : 0), 0);
}

/**
 * Which jobs to ask at the end of a cycle, given how many tasks could still be live, negative where
 * the capacity was lowered. None while nobody waits, and none
 * that was asked already for as many lanes.
 */
export function planYields(
  standings: readonly Standing[],
  { capacity, room }: { readonly capacity: number; readonly room: number },
): Ask[] {
  if (!standings.some(({ waiting }) => waiting > 0)) return [];
  const contending = standings.filter((one) => one.live + one.waiting > 0 && !isResting(one.job));
  const share = fairShare(capacity, contending.length);
  const asked = new Map(contending.map((one) => [one, 0]));
  const heldBy = (one: Standing) => one.live - one.yielding.length - (asked.get(one) ?? 0);
  const ask = (one: Standing, wanted: number): number => {
    const before = asked.get(one) ?? 0;
    const more = Math.max(0, Math.min(wanted, one.askable.length - before));
    asked.set(one, before + more);
    return more;
  };

  const promised = contending.reduce((sum, { yielding }) => sum + yielding.length, 0);
  let missing = contending.reduce((sum, one) => sum + missingTo(one, share), 0);
  missing -= room + promised;
  for (const one of [...contending].sort((a, b) => heldBy(b) - heldBy(a))) {
    if (missing > 0) missing -= ask(one, Math.min(missing, heldBy(one) - share));
  }
  if (contending.length > capacity) {
    let turns = Math.min(missing, Math.ceil(capacity / TURNS) - promised);
    for (const one of contending) if (turns > 0 && heldBy(one) > 0) turns -= ask(one, 1);
  }
  for (const one of room > 0 ? [] : contending) {
    const own = one.waiting - missingTo(one, share);
    const turns = Math.min(own, Math.ceil(one.live / TURNS));
    ask(one, turns - one.yielding.length - (asked.get(one) ?? 0));
  }
  return [...asked]
    .filter(([, lanes]) => lanes > 0)
    .map(([{ job, yielding, askable }, lanes]) => ({
      job,
      lanes: [...yielding, ...askable.slice(0, lanes)],
    }));
}

/** Its tasks end by themselves, and it wants no others. */
function isResting(job: Job): boolean {
  return job.state === 'PAUSED' || (isFinal(job.state) && job.redrive === undefined);
}

function missingTo({ live, waiting }: Standing, share: number): number {
  return Math.min(waiting, Math.max(0, share - live));
}

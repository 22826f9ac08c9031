import type { Job } from './job.ts';
import type { Lane } from './lane.ts';
import { type OffsetMap, total } from './offsets.ts';
import { isRedriveLane } from './redrive.ts';
import { openLag } from './slice-plan.ts';
import type { Task, TaskError } from './task.ts';

/** When a job that says RUNNING loads nothing. */

/** A lane must have missed this many of its rounds. */
const ROUNDS = 5;

/** A job that is stalled. `since` is epoch ms; `lanes` are the indexes of those that stand still, sorted. */
export interface Stall {
  readonly since: number;
  readonly lanes: readonly number[];
  readonly message: string;
  /** The newest error among the tasks that hold these lanes. */
  readonly lastError?: TaskError | undefined;
}

/** What the judgement looks at. `lanes` are those of the job's generation, `tasks` those that hold lanes. */
export interface StallQuestion {
  readonly job: Pick<Job, 'state' | 'reason' | 'note' | 'spec'>;
  readonly lanes: readonly Lane[];
  readonly tasks: readonly Task[];
  /** Epoch ms. */
  readonly now: number;
  /** How often the scheduler looks. */
  readonly cycleMs: number;
}

/** Offsets that a lane has still to load, up to the log's end as last seen and the job's own. */
export function laneLag(lane: Pick<Lane, 'next' | 'until' | 'ends'>): OffsetMap {
  return openLag(lane, lane.ends);
}

/**
 * A RUNNING job is stalled when a lane of it has lag and has committed nothing for 5 rounds. A round is
 * a batch interval, but never less than a scheduling cycle: an idle lane gets its next task only from a cycle, and a
 * lost one is offered again only by one, so that shorter patience would call healthy jobs stalled.
 *
 * The wait counts from the latest of: the job began to run, the lane's last commit, its last plan. Before
 * the plan nobody knew of the lag: a lane that was idle for an hour is not stalled when records arrive.
 * One lane is enough, since its partitions stand still however well the others do.
 */
export function judgeStall(question: StallQuestion): Stall | undefined {
  const { job, now, cycleMs } = question;
  if (job.state !== 'RUNNING') return undefined;
  const patienceMs = ROUNDS * Math.max(job.spec.batch.maxIntervalSeconds * 1000, cycleMs);
  const owning = question.lanes.filter((lane) => !isRedriveLane(lane));
  const still = owning
    .filter((lane) => total(laneLag(lane)) > 0n)
    .map((lane) => ({ lane, since: waitingSince(lane, job.reason.at) }))
    .filter(({ since }) => now - since >= patienceMs);
  if (still.length === 0) return undefined;
  const lanes = still.map(({ lane }) => lane.index).sort((a, b) => a - b);
  const lastError = newestError(question.tasks, new Set(lanes));
  const why = lastError?.message ?? job.note?.message ?? 'no error is known';
  return {
    since: Math.min(...still.map(({ since }) => since)),
    lanes,
    message: `${lanes.length} of ${owning.length} lanes have lag and committed nothing for ${patienceMs / 1000} s or longer: ${why}`,
    lastError,
  };
}

function waitingSince(lane: Lane, runningSince: number): number {
  return Math.max(runningSince, lane.committedAt ?? 0, lane.plannedAt ?? 0);
}

function newestError(tasks: readonly Task[], lanes: ReadonlySet<number>): TaskError | undefined {
  return tasks
    .filter((task) => lanes.has(task.lane))
    .map((task) => task.error)
    .filter((error) => error !== undefined)
    .sort((a, b) => b.at - a.at)[0];
}

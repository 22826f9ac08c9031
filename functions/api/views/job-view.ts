import * as z from 'zod';
import { addLane, type Job } from '#shared/domain/job.ts';
import { jobSpec, offsetsSpec } from '#shared/domain/job-spec.ts';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { total } from '#shared/domain/offsets.ts';
import { isRedriveLane } from '#shared/domain/redrive.ts';
import { judgeStall, laneLag } from '#shared/domain/stall.ts';
import { TASK_STATUSES, type Task } from '#shared/domain/task.ts';
import { inDoubt, inFlight, type JobSnapshot } from '../job-snapshot.ts';
import { inferredTypesView, viewInferredTypes } from './inferred-types-view.ts';
import {
  byPartition,
  count,
  errorView,
  offset,
  reasonView,
  time,
  viewError,
  viewOptionalTime,
  viewReason,
  viewTime,
} from './parts.ts';
import { standingRedrive, viewStandingRedrive } from './redrive-view.ts';

const stalledView = z.strictObject({
  since: time,
  message: z.string(),
  lanes: z.array(count),
  lastError: errorView.optional(),
});

const laneView = z.strictObject({
  lane: count,
  partitions: count,
  taskId: z.string().optional(),
  lag: offset,
  committedAt: time.optional(),
});

/** `end` and `lag` are absent until the log's end has been seen. */
const partitionView = z.strictObject({
  next: offset,
  end: offset.optional(),
  lag: offset.optional(),
});

const liveTaskView = z.strictObject({
  id: z.string(),
  lane: count,
  status: z.enum(TASK_STATUSES),
  attempt: count,
  since: time,
  leaseUntil: time.optional(),
  error: errorView.optional(),
});

/** A job with all that one wants to know of it at a glance. */
export const jobView = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(JOB_STATES),
  reason: reasonView,
  /** Why it got no task lately. */
  note: reasonView.optional(),
  /** PAUSED, and about to resume by itself. */
  nextResumeAt: time.optional(),
  stalled: z.union([z.literal(false), stalledView]),
  createdAt: time,
  updatedAt: time,
  generation: count,
  specVersion: count,
  lanes: z.array(laneView),
  /** As last seen by scheduler and loaders. */
  lag: z.strictObject({ records: offset, partitions: byPartition(partitionView) }),
  /** Since the job was created. */
  statistics: z.strictObject({
    /** Records that became rows. */
    rows: count,
    /** Rows in the destination that these records made: as many, but for values that are arrays. */
    elements: count,
    bytes: count,
    rejected: count,
    filtered: count,
    skipped: count,
    tasks: count,
  }),
  /** PENDING and RUNNING ones. */
  tasksInFlight: count,
  /** Their lanes, and the next division, wait until a person resolves them. */
  tasksInDoubt: count,
  /** The tasks that hold a lane: those in flight, and those in doubt. */
  tasks: z.array(liveTaskView),
  /** Dead letters that are to be loaded again. */
  redrive: standingRedrive.optional(),
  /** Where the job will jump when it is divided next. */
  seek: offsetsSpec.optional(),
  /** Types that nobody declared; they hold for all files of the job. */
  inferredTypes: inferredTypesView.optional(),
  spec: jobSpec,
});

/** A job as GET and its like show it. */
export function viewJob(
  snapshot: JobSnapshot,
  { now, cycleMs }: { readonly now: number; readonly cycleMs: number },
): z.input<typeof jobView> {
  const { job, lanes, tasks } = snapshot;
  const lags = lanes.map((lane) => total(laneLag(lane)));
  return {
    id: job.id,
    name: job.spec.name,
    state: job.state,
    reason: viewReason(job.reason),
    note: job.note && viewReason(job.note),
    nextResumeAt: viewNextResume(job),
    stalled: viewStalled(snapshot, { now, cycleMs }),
    createdAt: viewTime(job.createdAt),
    updatedAt: viewTime(job.updatedAt),
    generation: job.generation,
    specVersion: job.specVersion,
    lanes: lanes
      .map((lane, i) => viewLane(lane, lags[i] ?? 0n))
      .filter(({ lane }) => !isRedriveLane({ index: lane })),
    lag: {
      records: String(lags.reduce((sum, lag) => sum + lag, 0n)),
      partitions: Object.fromEntries(lanes.flatMap(viewPartitions)),
    },
    statistics: viewStatistics(snapshot),
    tasksInFlight: inFlight(snapshot).length,
    tasksInDoubt: inDoubt(snapshot).length,
    tasks: tasks.map(viewLiveTask),
    redrive: viewStandingRedrive(snapshot),
    seek: job.seek,
    inferredTypes: snapshot.inferred && viewInferredTypes(snapshot.inferred, job.spec),
    spec: job.spec,
  };
}

/** When a job that is paused resumes by itself. */
export function viewNextResume(job: Job): string | undefined {
  return job.state === 'PAUSED' ? viewOptionalTime(job.resume?.nextAt) : undefined;
}

function viewStalled(
  snapshot: JobSnapshot,
  options: { readonly now: number; readonly cycleMs: number },
): z.input<typeof jobView>['stalled'] {
  const stall = judgeStall({ ...snapshot, ...options });
  if (stall === undefined) return false;
  const { since, message, lanes, lastError } = stall;
  return {
    since: viewTime(since),
    message,
    lanes: [...lanes],
    lastError: lastError && viewError(lastError),
  };
}

function viewLane(lane: Lane, lag: bigint): z.input<typeof laneView> {
  return {
    lane: lane.index,
    partitions: lane.next.size,
    taskId: lane.taskId,
    lag: String(lag),
    committedAt: viewOptionalTime(lane.committedAt),
  };
}

function viewPartitions(lane: Lane): [string, z.input<typeof partitionView>][] {
  const lag = laneLag(lane);
  return [...lane.next].map(([partition, next]) => {
    const end = lane.ends.get(partition);
    const view = { next: String(next) };
    if (end === undefined) return [String(partition), view];
    return [
      String(partition),
      { ...view, end: String(end), lag: String(lag.get(partition) ?? 0n) },
    ];
  });
}

function viewStatistics({ job, lanes }: JobSnapshot): z.input<typeof jobView>['statistics'] {
  const { extraRows = 0, ...totals } = lanes.reduce(addLane, job.totals);
  return { ...totals, elements: totals.rows + extraRows };
}

function viewLiveTask(task: Task): z.input<typeof liveTaskView> {
  return {
    id: task.id,
    lane: task.lane,
    status: task.status,
    attempt: task.attempt,
    since: viewTime(task.createdAt),
    leaseUntil: viewOptionalTime(task.leaseUntil),
    error: task.error && viewError(task.error),
  };
}

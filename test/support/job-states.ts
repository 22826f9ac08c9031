import { changeState } from '../../functions/shared/domain/change-job.ts';
import type { Job } from '../../functions/shared/domain/job.ts';
import type { JobState, ReasonCode } from '../../functions/shared/domain/job-state.ts';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import type { Task } from '../../functions/shared/domain/task.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { readJob, replaceJob } from '../../functions/shared/store/jobs.ts';
import { insertLane } from '../../functions/shared/store/lanes.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { insertTask } from '../../functions/shared/store/tasks.ts';

/** Puts jobs into the states that scheduler and loaders would bring them into. */

export function laneOf(jobId: string, more: Partial<Lane> = {}): Lane {
  return {
    jobId,
    generation: 1,
    index: 0,
    next: new Map([[0, 100n]]),
    start: new Map([[0, { offset: 100n, generation: 1, at: 1_000 }]]),
    ends: new Map([[0, 100n]]),
    revision: 1,
    errorWindow: { rows: 0, bad: 0 },
    rows: 0,
    bytes: 0,
    rejected: 0,
    skipped: 0,
    filtered: 0,
    tasks: 0,
    createdAt: 1_000,
    ...more,
  };
}

export function taskOf(lane: Lane, more: Partial<Task> = {}): Task {
  return {
    jobId: lane.jobId,
    id: newId(),
    lane: lane.index,
    generation: lane.generation,
    laneRevision: lane.revision + 1,
    specVersion: 1,
    slice: new Map([[0, { from: 100n, to: 250n }]]),
    status: 'PENDING',
    attempt: 0,
    failures: 0,
    offeredAt: 2_000,
    offers: 1,
    createdAt: 2_000,
    ...more,
  };
}

/** Any change of state, as the scheduler makes it. */
export async function bringTo(
  tables: Tables,
  id: string,
  change: {
    readonly to: JobState;
    readonly code: ReasonCode;
    readonly now?: number;
    readonly generation?: number;
  },
): Promise<Job> {
  const before = await readJob(tables, id);
  if (!before) throw new Error(`no job ${id}`);
  const { after, entry } = changeState(before, change.to, {
    token: newId(),
    now: change.now ?? Date.now(),
    code: change.code,
    message: `brought to ${change.to}`,
    ...(change.generation !== undefined && { fields: { generation: change.generation } }),
  });
  if (!(await replaceJob(tables, before, after, entry))) throw new Error('somebody was faster');
  return after;
}

/** NEED_SCHEDULE to RUNNING with these lanes as generation 1. */
export async function run(
  tables: Tables,
  id: string,
  options: { readonly lanes?: readonly Lane[]; readonly now?: number } = {},
): Promise<Job> {
  for (const lane of options.lanes ?? [laneOf(id)]) await insertLane(tables, lane);
  return bringTo(tables, id, { ...options, to: 'RUNNING', code: 'SCHEDULED', generation: 1 });
}

/** Gives a lane a task. */
export async function plan(tables: Tables, lane: Lane, more: Partial<Task> = {}): Promise<Task> {
  const task = taskOf(lane, more);
  if (!(await insertTask(tables, lane, task, lane.ends))) throw new Error('the lane is taken');
  return task;
}

import { changeState } from '../../functions/shared/domain/change-job.ts';
import type { Job } from '../../functions/shared/domain/job.ts';
import type { JobState, ReasonCode } from '../../functions/shared/domain/job-state.ts';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import type { Decision, Task } from '../../functions/shared/domain/task.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { advanceLane } from '../../functions/shared/store/finish.ts';
import { readJob, replaceJob } from '../../functions/shared/store/jobs.ts';
import { insertLane, readLane } from '../../functions/shared/store/lanes.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { claimTask, insertTask, recordDecision } from '../../functions/shared/store/tasks.ts';
import { exampleLane, exampleTask } from './store-examples.ts';

/** Puts jobs into the states that scheduler and loaders would bring them into. */

/** A lane of one partition, which it has read up to its end at 100. */
export function laneOf(jobId: string, more: Partial<Lane> = {}): Lane {
  return exampleLane({
    jobId,
    next: new Map([[0, 100n]]),
    start: new Map([[0, { offset: 100n, generation: 1, at: 1_000 }]]),
    ends: new Map([[0, 100n]]),
    revision: 1,
    createdAt: 1_000,
    ...more,
  });
}

/** The lane's next task: offsets 100 to 250. */
export function taskOf(lane: Lane, more: Partial<Task> = {}): Task {
  const slice = new Map([[0, { from: 100n, to: 250n }]]);
  return exampleTask(lane, { slice, offeredAt: 2_000, createdAt: 2_000, ...more });
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

function decisionOf(task: Task, more: Partial<Decision['statistics']> = {}): Decision {
  return {
    attempt: task.attempt,
    handle: { file: 'part-0', bytes: 900 },
    to: new Map([[0, 250n]]),
    statistics: {
      counts: new Map([[0, { rows: 140, rejected: 6, skipped: 4, filtered: 0 }]]),
      bytes: 1_000,
      writtenBytes: 900,
      badRows: [
        { partition: 0, offset: '101', column: 'delay', reason: 'no JSON', excerpt: '{"a' },
      ],
      policies: [
        { policy: 'tombstone', action: 'skip', partition: 0, count: 4, from: 102n, to: 240n },
      ],
      ...more,
    },
    at: 5_000,
  };
}

/** Runs a lane's task to its end: 150 offsets, 140 of them rows. */
export async function finish(
  tables: Tables,
  task: Task,
  {
    now,
    statistics = {},
  }: { readonly now: number; readonly statistics?: Partial<Decision['statistics']> },
): Promise<void> {
  const claimed = await claimTask(tables, task, { owner: 'loader-1', leaseUntil: 60_000 });
  const lane = await readLane(tables, { ...task, index: task.lane });
  const decision = decisionOf(claimed!, statistics);
  await recordDecision(tables, claimed!, decision);
  await advanceLane(tables, {
    lane: lane!,
    task: claimed!,
    decision,
    errorWindow: { rows: 0, bad: 0 },
    ends: new Map([[0, 300n]]),
    now,
    token: newId(),
    retentionDays: 7,
  });
}

import { monotonicFactory } from 'ulid';
import { newJob } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import { type JobSpecInput, jobSpec } from '#shared/domain/job-spec.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { type OffsetMap, sliceEnds } from '#shared/domain/offsets.ts';
import type { Decision, PartitionCounts, Task, TaskError } from '#shared/domain/task.ts';
import { insertLane, readLane } from '#shared/store/lanes.ts';
import type { Tables } from '#shared/store/tables.ts';
import { claimTask, insertTask, readTask } from '#shared/store/tasks.ts';

/** Jobs, lanes and tasks for tests of the store, and the short way to each stage of a task's life. */

/** New ids that sort as they were made, also within one millisecond. */
export const newId = monotonicFactory();

/** Epoch ms at which the examples happen. */
export const NOW = 1_790_000_000_000;

/** `{0: 10, 1: 20}` as offsets. */
export function offsets(byPartition: Readonly<Record<number, number | bigint>>): OffsetMap {
  return new Map(Object.entries(byPartition).map(([p, offset]) => [Number(p), BigInt(offset)]));
}

/** A new job and the entry of its creation. */
export function exampleJob(name = `job-${newId()}`, spec: Partial<JobSpecInput> = {}) {
  const parsed = jobSpec.parse({
    name,
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    destination: { file: { table: 'flights' } },
    ...spec,
  });
  const { after, entry } = newJob(parsed, { id: newId(), token: newId(), now: NOW });
  return { job: after, entry };
}

/** A lane of no stored job, with partitions 1 and 2 at offsets 10 and 20. */
export function exampleLane(fields: Partial<Lane> = {}): Lane {
  return {
    jobId: newId(),
    generation: 1,
    index: 0,
    next: offsets({ 1: 10, 2: 20 }),
    start: new Map([
      [1, { offset: 0n, generation: 1, at: NOW }],
      [2, { offset: 20n, generation: 1, at: NOW }],
    ]),
    ends: offsets({ 1: 100, 2: 200 }),
    revision: 0,
    errorWindow: { rows: 0, bad: 0 },
    rows: 0,
    bytes: 0,
    rejected: 0,
    skipped: 0,
    filtered: 0,
    tasks: 0,
    createdAt: NOW,
    ...fields,
  };
}

/** The lane's next task: offsets 10 to 15 of partition 1. */
export function exampleTask(lane: Lane, fields: Partial<Task> = {}): Task {
  return {
    jobId: lane.jobId,
    id: newId(),
    lane: lane.index,
    generation: lane.generation,
    laneRevision: lane.revision + 1,
    specVersion: 1,
    slice: new Map([[1, { from: 10n, to: 15n }]]),
    status: 'PENDING',
    attempt: 0,
    failures: 0,
    offeredAt: NOW,
    offers: 1,
    createdAt: NOW,
    ...fields,
  };
}

/** What an attempt that loaded its whole slice decides. */
export function exampleDecision(task: Task, fields: Partial<Decision> = {}): Decision {
  const counts = new Map<number, PartitionCounts>();
  for (const [partition, { from, to }] of task.slice) {
    counts.set(partition, { rows: Number(to - from), rejected: 0, skipped: 0, filtered: 0 });
  }
  return {
    attempt: task.attempt,
    handle: { file: `${task.id}.ndjson`, bytes: 500 },
    to: sliceEnds(task.slice),
    statistics: { counts, bytes: 500, writtenBytes: 510, badRows: [], policies: [] },
    at: NOW,
    ...fields,
  };
}

/** Why an attempt failed. */
export function exampleError(task: Task): TaskError {
  return { code: 'LOADER_LOST', message: 'the lease ran out', at: NOW + 1, attempt: task.attempt };
}

/** A stored lane with a PENDING task, as both stand in the store. */
export async function plannedTask(
  tables: Tables,
  fields: Partial<Lane> = {},
): Promise<{ lane: Lane; task: Task }> {
  const lane = exampleLane(fields);
  await insertLane(tables, lane);
  const task = exampleTask(lane);
  if (!(await insertTask(tables, lane, task, lane.ends))) throw new Error('the lane is not free');
  return { lane: await laneNow(tables, lane), task };
}

/** The same with the task RUNNING under attempt 1. */
export async function runningTask(
  tables: Tables,
  fields: Partial<Lane> = {},
): Promise<{ lane: Lane; task: Task }> {
  const { lane, task } = await plannedTask(tables, fields);
  const claimed = await claimTask(tables, task, { owner: 'first', leaseUntil: NOW + 60_000 });
  if (!claimed) throw new Error('the task is not free');
  return { lane, task: claimed };
}

/** The task as it stands. */
export async function taskNow(tables: Tables, task: Pick<Task, 'jobId' | 'id'>): Promise<Task> {
  const found = await readTask(tables, task.jobId, task.id);
  if (!found) throw new Error(`there is no task ${task.id}`);
  return found;
}

/** The lane as it stands. */
export async function laneNow(
  tables: Tables,
  lane: Pick<Lane, 'jobId' | 'generation' | 'index'>,
): Promise<Lane> {
  const found = await readLane(tables, lane);
  if (!found) throw new Error(`there is no lane ${lane.index}`);
  return found;
}

/** The job with another change token, as a change without an entry writes it. */
export function touched(job: Job, fields: Partial<Job> = {}): Job {
  return { ...job, ...fields, changeToken: newId() };
}

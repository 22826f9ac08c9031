import { LoadFailure } from '../domain/failure.ts';
import type { Lane } from '../domain/lane.ts';
import type { OffsetMap } from '../domain/offsets.ts';
import type { Decision, Task, TaskError } from '../domain/task.ts';
import { stillWaits } from './dead-letters.ts';
import { laneKey } from './lane-record.ts';
import { storeOffsets } from './offset-codec.ts';
import { settleTransaction, settleWrite } from './settle.ts';
import type { Item, Tables } from './tables.ts';
import { decodeTask, encodeDecision, encodeNewTask, LIVE_SHARDS, taskKey } from './task-record.ts';

/**
 * Tasks in the store, each change on the condition that makes it safe.
 *
 * - A lane has one live task: planning needs a lane without one, at the revision it was read with.
 * - The attempt number is the fencing token: whoever runs a task writes only while the task is RUNNING
 *   with that number, and every claim raises it.
 * - A decision is written once, and a task that has one is only ever finished.
 */

/** A task by id, or `undefined`. */
export async function readTask(
  tables: Tables,
  jobId: string,
  taskId: string,
): Promise<Task | undefined> {
  const item = await tables.get(taskKey(jobId, taskId));
  return item && decodeTask(item);
}

/** A page of a job's tasks, newest first. */
export async function listTasks(
  tables: Tables,
  jobId: string,
  options: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ tasks: Task[]; cursor?: string | undefined }> {
  const page = await tables.query('tasks', jobId, {
    newestFirst: true,
    limit: options.limit,
    ...(options.cursor && { cursor: options.cursor }),
  });
  return { tasks: page.items.map(decodeTask), cursor: page.cursor };
}

/** PENDING and RUNNING tasks, in all and of each job that has some, by the index: a hint, not for deciding. */
export async function findLiveTasks(
  tables: Tables,
): Promise<{ readonly count: number; readonly ofJobs: ReadonlyMap<string, number> }> {
  let count = 0;
  const ofJobs = new Map<string, number>();
  for (const shard of LIVE_SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await tables.queryIndex('live', shard, cursor ? { cursor } : {});
      count += page.items.length;
      for (const { pk } of page.items) ofJobs.set(String(pk), (ofJobs.get(String(pk)) ?? 0) + 1);
      cursor = page.cursor;
    } while (cursor);
  }
  return { count, ofJobs };
}

/**
 * Plans a slice: puts the task and gives it the lane, in one transaction.
 *
 * @returns whether it did; `false` when the lane has a task or has moved on since it was read, or when dead
 * letters that it was to load again have been
 * @throws {LoadFailure} INTERNAL for a task that was not planned for the lane's next revision
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function insertTask(
  tables: Tables,
  lane: Lane,
  task: Task,
  ends: OffsetMap,
): Promise<boolean> {
  assertFollows(task, lane.revision);
  return settleTransaction(
    tables,
    [
      {
        kind: 'put',
        key: taskKey(task.jobId, task.id),
        item: encodeNewTask(task),
        condition: [{ attribute: 'pk', is: 'absent' }],
      },
      {
        kind: 'update',
        key: laneKey(lane.jobId, lane.generation, lane.index),
        set: {
          taskId: task.id,
          revision: task.laneRevision,
          ends: storeOffsets(ends),
          plannedAt: task.createdAt,
        },
        condition: [
          { attribute: 'taskId', is: 'absent' },
          { attribute: 'revision', is: 'equal', value: lane.revision },
        ],
      },
      ...(task.redrive?.letters ?? []).map(({ taskId }) => stillWaits(task.jobId, taskId)),
    ],
    {
      token: task.id,
      mine: async () => (await tables.get(taskKey(task.jobId, task.id))) !== undefined,
    },
  );
}

/** A task takes its lane to the next revision: with any other number the lane's guards would guard nothing. */
export function assertFollows(task: Task, laneRevision: number): void {
  if (task.laneRevision === laneRevision + 1) return;
  throw new LoadFailure(
    'INTERNAL',
    `task ${task.id} must be planned for revision ${laneRevision + 1} of its lane, got ${task.laneRevision}`,
  );
}

/**
 * PENDING to RUNNING under the next attempt number.
 *
 * @returns the task as claimed, or `undefined` when somebody else was first, or when `task` was not
 * PENDING as it was read: its attempt may have decided since, and that must not be missed
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function claimTask(
  tables: Tables,
  task: Task,
  claim: { readonly owner: string; readonly leaseUntil: number },
): Promise<Task | undefined> {
  if (task.status !== 'PENDING') return undefined;
  const attempt = task.attempt + 1;
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: { status: 'RUNNING', attempt, owner: claim.owner, leaseUntil: claim.leaseUntil },
      remove: ['notBefore'],
      condition: [
        { attribute: 'status', is: 'equal', value: 'PENDING' },
        { attribute: 'attempt', is: 'equal', value: task.attempt },
      ],
    },
    (item) => item.owner === claim.owner && item.attempt === attempt,
  );
  if (!settled.won) return undefined;
  return { ...task, status: 'RUNNING', attempt, ...claim, notBefore: undefined };
}

/** The condition of everything that the runner of an attempt writes. */
export function fence(task: Task) {
  return [
    { attribute: 'status', is: 'equal', value: 'RUNNING' },
    { attribute: 'attempt', is: 'equal', value: task.attempt },
  ] as const;
}

/** @returns whether the lease is longer now; `false` when the attempt has lost its task */
export async function renewLease(tables: Tables, task: Task, leaseUntil: number): Promise<boolean> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: { leaseUntil },
      condition: fence(task),
    },
    () => false,
  );
  return settled.won;
}

/**
 * Makes the slice irrevocable. This is the moment at which the rows count.
 *
 * @returns whether this attempt's decision stands; `false` only when it is known to have lost
 * @throws {OutcomeUnknown} when it is not known: then nothing may be aborted
 */
export async function recordDecision(
  tables: Tables,
  task: Task,
  decision: Decision,
): Promise<boolean> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: { decision: encodeDecision(decision) },
      condition: [...fence(task), { attribute: 'decision', is: 'absent' }],
    },
    (item) => decisionAttempt(item) === decision.attempt,
  );
  return settled.won;
}

function decisionAttempt(item: Item): unknown {
  const decision = item.decision;
  return typeof decision === 'object' && 'attempt' in decision ? decision.attempt : undefined;
}

/** RUNNING to IN_DOUBT: it keeps its lane, so that nothing follows before a person has looked. */
export async function markInDoubt(tables: Tables, task: Task, error: TaskError): Promise<boolean> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: { status: 'IN_DOUBT', error: { ...error } },
      remove: ['leaseUntil', 'liveShard'],
      condition: fence(task),
    },
    (item) => item.status === 'IN_DOUBT' && item.attempt === task.attempt,
  );
  return settled.won;
}

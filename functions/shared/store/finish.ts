import type { ErrorWindow } from '../domain/error-budget.ts';
import type { Lane } from '../domain/lane.ts';
import { type OffsetMap, overlay } from '../domain/offsets.ts';
import { type Decision, type Task, type TaskError, totalCounts } from '../domain/task.ts';
import { laneKey } from './lane-record.ts';
import { storeOffsets } from './offset-codec.ts';
import { settleTransaction, settleWrite } from './settle.ts';
import type { Tables, Write } from './tables.ts';
import { encodeNewTask, taskKey } from './task-record.ts';
import { assertFollows, readTask } from './tasks.ts';

/**
 * The two ends of a task: done, with its lane moved on, or cancelled, with its lane as it was. Both are one
 * transaction over task and lane.
 */

const DAY_SECONDS = 86_400;

/** What a finished slice changes. */
export interface Advance {
  readonly lane: Lane;
  readonly task: Task;
  readonly decision: Decision;
  readonly errorWindow: ErrorWindow;
  readonly ends: OffsetMap;
  /** The lane's next task, already RUNNING or PENDING, or absent. */
  readonly successor?: Task | undefined;
  readonly now: number;
  readonly token: string;
  readonly retentionDays: number;
}

/**
 * In one transaction: the task DONE, the lane's next offsets = the decision's ends, its statistics, and
 * its next task. Only from the task that holds the lane, at the revision that task was planned with, so
 * that offsets move once and never back. `lane` must have been read at that revision too: an older one
 * would bring back older offsets of partitions that the slice does not touch.
 *
 * @returns whether the task is DONE by this attempt, and the successor in its place
 * @throws {LoadFailure} INTERNAL for a successor that was not planned for the revision that follows
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function advanceLane(tables: Tables, advance: Advance): Promise<boolean> {
  const { lane, task, successor } = advance;
  if (lane.revision !== task.laneRevision) return false;
  if (successor) assertFollows(successor, task.laneRevision);
  const writes: Write[] = [taskDone(advance), laneAdvanced(advance)];
  if (successor) {
    writes.push({
      kind: 'put',
      key: taskKey(successor.jobId, successor.id),
      item: encodeNewTask(successor),
      condition: [{ attribute: 'pk', is: 'absent' }],
    });
  }
  return settleTransaction(tables, writes, {
    token: advance.token,
    mine: async () => {
      const current = await readTask(tables, task.jobId, task.id);
      if (current?.status !== 'DONE' || current.attempt !== task.attempt) return false;
      return !successor || (await readTask(tables, successor.jobId, successor.id)) !== undefined;
    },
  });
}

function taskDone({ task, now, retentionDays }: Advance): Write {
  return {
    kind: 'update',
    key: taskKey(task.jobId, task.id),
    set: {
      status: 'DONE',
      finishedAt: now,
      expiresAt: Math.floor(now / 1000) + retentionDays * DAY_SECONDS,
    },
    remove: ['leaseUntil', 'liveShard'],
    condition: [
      { attribute: 'status', is: 'equal', value: 'RUNNING' },
      { attribute: 'attempt', is: 'equal', value: task.attempt },
      { attribute: 'decision', is: 'present' },
    ],
  };
}

function laneAdvanced(advance: Advance): Write {
  const { lane, task, decision, successor } = advance;
  const { rows, rejected, skipped } = totalCounts(decision.statistics.counts);
  return {
    kind: 'update',
    key: laneKey(lane.jobId, lane.generation, lane.index),
    set: {
      next: storeOffsets(overlay(lane.next, decision.to)),
      ends: storeOffsets(advance.ends),
      revision: task.laneRevision + 1,
      errorWindow: { ...advance.errorWindow },
      committedAt: advance.now,
      ...(successor && { taskId: successor.id, plannedAt: successor.createdAt }),
    },
    remove: successor ? [] : ['taskId'],
    add: { rows, rejected, skipped, bytes: decision.statistics.bytes, tasks: 1 },
    condition: [
      { attribute: 'taskId', is: 'equal', value: task.id },
      { attribute: 'revision', is: 'equal', value: task.laneRevision },
    ],
  };
}

/**
 * Cancels a task that has no decision, and frees its lane. The lane may be gone with its generation: then
 * the task alone is cancelled.
 *
 * @returns whether the task is CANCELLED
 */
export async function cancelTask(
  tables: Tables,
  task: Task,
  options: {
    readonly now: number;
    readonly token: string;
    readonly retentionDays: number;
    readonly error?: TaskError | undefined;
  },
): Promise<boolean> {
  const cancelled: Write = {
    kind: 'update',
    key: taskKey(task.jobId, task.id),
    set: {
      status: 'CANCELLED',
      finishedAt: options.now,
      expiresAt: Math.floor(options.now / 1000) + options.retentionDays * DAY_SECONDS,
      ...(options.error && { error: { ...options.error } }),
    },
    remove: ['leaseUntil', 'liveShard'],
    condition: [
      { attribute: 'status', is: 'equal', value: task.status },
      { attribute: 'attempt', is: 'equal', value: task.attempt },
      { attribute: 'decision', is: 'absent' },
    ],
  };
  const freed: Write = {
    kind: 'update',
    key: laneKey(task.jobId, task.generation, task.lane),
    set: { revision: task.laneRevision + 1 },
    remove: ['taskId'],
    condition: [
      { attribute: 'taskId', is: 'equal', value: task.id },
      { attribute: 'revision', is: 'equal', value: task.laneRevision },
    ],
  };
  const done = await settleTransaction(tables, [cancelled, freed], {
    token: options.token,
    mine: async () => (await readTask(tables, task.jobId, task.id))?.status === 'CANCELLED',
  });
  if (done || (await tables.get(freed.key))?.taskId === task.id) return done;
  return (await settleWrite(tables, cancelled, (item) => item.status === 'CANCELLED')).won;
}

import type { ErrorWindow } from '../domain/error-budget.ts';
import type { HistoryEntry } from '../domain/job.ts';
import type { Lane } from '../domain/lane.ts';
import { epochsWithout } from '../domain/leader-epochs.ts';
import type { OffsetMap } from '../domain/offsets.ts';
import type { Decision, Task, TaskError } from '../domain/task.ts';
import { deadLettersOf } from './dead-letters.ts';
import { laneAdvanced, laneFreed, taskCancelled, taskDone } from './ends.ts';
import { historyWrite } from './jobs.ts';
import { readLane } from './lanes.ts';
import { settleTransaction, settleWrite } from './settle.ts';
import type { Tables, Write } from './tables.ts';
import { encodeNewTask, taskKey } from './task-record.ts';
import { assertFollows, readTask } from './tasks.ts';

/**
 * The two ends of a task: done, with its lane moved on, or cancelled, with its lane as it was. Both are one
 * transaction over task and lane.
 */

/** What a finished slice changes. */
export interface Advance {
  readonly lane: Lane;
  readonly task: Task;
  readonly decision: Decision;
  readonly errorWindow: ErrorWindow;
  readonly ends: OffsetMap;
  /** The lane's next task, already RUNNING or PENDING, or absent. */
  readonly successor?: Task | undefined;
  /** What the job's history gets to hear; their ids are new. */
  readonly entries?: readonly HistoryEntry[] | undefined;
  readonly now: number;
  readonly token: string;
  readonly retentionDays: number;
}

/**
 * In one transaction: the task DONE, the lane's next offsets = the decision's ends, its statistics, its next
 * task, the records of dead letters that it left or loaded again, and what the history gets to hear. Only from the task that holds the lane, at the revision that task was planned with, so
 * that offsets move once and never back. `lane` must have been read at that revision too: an older one
 * would bring back older offsets of partitions that the slice does not touch.
 *
 * @returns whether the task is DONE by this attempt, and the successor in its place
 * @throws {LoadFailure} INTERNAL for a successor that was not planned for the revision that follows
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function advanceLane(tables: Tables, advance: Advance): Promise<boolean> {
  const { lane, task, successor } = advance;
  if (task.status !== 'RUNNING' || lane.revision !== task.laneRevision) return false;
  if (successor) assertFollows(successor, task.laneRevision);
  const decided = { ...task, decision: advance.decision };
  const writes: Write[] = [
    taskDone(task, advance),
    laneAdvanced(advance),
    ...deadLettersOf(decided, advance.now),
    ...(advance.entries ?? []).map((entry) => historyWrite(task.jobId, entry)),
  ];
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
    /** Partitions of which the lane shall know no epoch any more, once a person has been told what it found out. */
    readonly forgetEpochs?: readonly number[] | undefined;
  },
): Promise<boolean> {
  const cancelled = taskCancelled(task, options, [{ attribute: 'decision', is: 'absent' }]);
  const freed = laneFreed(task, await epochsLeft(tables, task, options.forgetEpochs));
  const done = await settleTransaction(tables, [cancelled, freed], {
    token: options.token,
    mine: async () => (await readTask(tables, task.jobId, task.id))?.status === 'CANCELLED',
  });
  if (done || (await tables.get(freed.key))?.taskId === task.id) return done;
  return (await settleWrite(tables, cancelled, (item) => item.status === 'CANCELLED')).won;
}

/** The lane is the task's until it is freed, so that nothing of it changes between this and the transaction. */
async function epochsLeft(
  tables: Tables,
  task: Task,
  forget: readonly number[] | undefined,
): Promise<Parameters<typeof laneFreed>[1]> {
  if (forget === undefined) return undefined;
  const lane = await readLane(tables, { ...task, index: task.lane });
  return { epochs: epochsWithout(lane?.epochs, forget) };
}

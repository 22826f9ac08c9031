import type { ErrorWindow } from '../domain/error-budget.ts';
import type { Lane } from '../domain/lane.ts';
import { type LeaderEpochs, movedEpochs } from '../domain/leader-epochs.ts';
import { type OffsetMap, overlay } from '../domain/offsets.ts';
import {
  type Decision,
  extraRows,
  type Task,
  type TaskError,
  totalCounts,
} from '../domain/task.ts';
import { storeEpochs } from './epoch-codec.ts';
import { laneKey } from './lane-record.ts';
import { storeOffsets } from './offset-codec.ts';
import type { Condition, Write } from './tables.ts';
import { taskKey } from './task-record.ts';

/**
 * The writes of which the ends of a task are made. Each is on the condition that the task is as it was read,
 * or that it holds its lane at the revision that it was planned with.
 */

const DAY_SECONDS = 86_400;

/** When a task ended, and for how many days it is kept. */
interface Ending {
  readonly now: number;
  readonly retentionDays: number;
}

/** The task DONE, if it is in the status and attempt that it was read with, and has its decision. */
export function taskDone(task: Task, ending: Ending): Write {
  return {
    kind: 'update',
    key: taskKey(task.jobId, task.id),
    set: { status: 'DONE', ...ended(ending) },
    remove: ['leaseUntil', 'liveShard'],
    condition: [...asRead(task), { attribute: 'decision', is: 'present' }],
  };
}

/** The task CANCELLED, if it is in the status and attempt that it was read with. */
export function taskCancelled(
  task: Task,
  ending: Ending & { readonly error?: TaskError | undefined },
  further: Condition,
): Write {
  return {
    kind: 'update',
    key: taskKey(task.jobId, task.id),
    set: {
      status: 'CANCELLED',
      ...ended(ending),
      ...(ending.error && { error: { ...ending.error } }),
    },
    remove: ['leaseUntil', 'liveShard'],
    condition: [...asRead(task), ...further],
  };
}

/** The lane moved on to the decision's ends, and over to the successor if there is one. */
export function laneAdvanced(advance: {
  readonly lane: Lane;
  readonly task: Task;
  readonly decision: Decision;
  readonly errorWindow: ErrorWindow;
  readonly ends: OffsetMap;
  readonly successor?: Task | undefined;
  readonly now: number;
}): Write {
  const { lane, task, decision, successor } = advance;
  const { statistics } = decision;
  const { rows, filtered, rejected, skipped } = totalCounts(statistics.counts);
  const extra = extraRows(statistics);
  const epochs = movedEpochs(lane.epochs, decision);
  return {
    kind: 'update',
    key: laneKey(lane.jobId, lane.generation, lane.index),
    set: {
      next: storeOffsets(overlay(lane.next, decision.to)),
      ...(epochs && { epochs: storeEpochs(epochs) }),
      ends: storeOffsets(advance.ends),
      revision: task.laneRevision + 1,
      errorWindow: { ...advance.errorWindow },
      committedAt: advance.now,
      ...(successor && { taskId: successor.id, plannedAt: successor.createdAt }),
    },
    remove: [...(successor ? [] : ['taskId']), ...(epochs ? [] : ['epochs'])],
    add: {
      ...{ rows, filtered, rejected, skipped, bytes: statistics.bytes, tasks: 1 },
      ...(extra !== 0 && { extraRows: extra }),
    },
    condition: holdsLane(task),
  };
}

/** The lane without its task, its offsets as they were; so are its epochs where no others are given. */
export function laneFreed(
  task: Task,
  change?: { readonly epochs: LeaderEpochs | undefined },
): Write {
  const { epochs } = change ?? {};
  return {
    kind: 'update',
    key: laneKey(task.jobId, task.generation, task.lane),
    set: { revision: task.laneRevision + 1, ...(epochs && { epochs: storeEpochs(epochs) }) },
    remove: ['taskId', ...(change && !epochs ? ['epochs'] : [])],
    condition: holdsLane(task),
  };
}

function ended({ now, retentionDays }: Ending) {
  return {
    finishedAt: now,
    expiresAt: Math.floor(now / 1000) + retentionDays * DAY_SECONDS,
  };
}

function asRead(task: Task): Condition {
  return [
    { attribute: 'status', is: 'equal', value: task.status },
    { attribute: 'attempt', is: 'equal', value: task.attempt },
  ];
}

function holdsLane(task: Task): Condition {
  return [
    { attribute: 'taskId', is: 'equal', value: task.id },
    { attribute: 'revision', is: 'equal', value: task.laneRevision },
  ];
}

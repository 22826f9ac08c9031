import type { Task } from '#shared/domain/task.ts';
import type { Advance } from '#shared/store/finish.ts';
import type { Tables } from '#shared/store/tables.ts';
import { recordDecision } from '#shared/store/tasks.ts';
import {
  exampleDecision,
  exampleTask,
  NOW,
  newId,
  offsets,
  runningTask,
} from '../../store-examples.ts';

/** A task that is running and decided, and how it advances its lane. */
export async function decidedTask(tables: Tables): Promise<Advance> {
  const { lane, task: running } = await runningTask(tables);
  const decision = exampleDecision(running);
  await recordDecision(tables, running, decision);
  return {
    lane,
    task: { ...running, decision },
    decision,
    errorWindow: { rows: 5, bad: 0 },
    ends: offsets({ 1: 110, 2: 220 }),
    now: NOW + 10,
    token: newId(),
    retentionDays: 7,
  };
}

/** The task that follows in the lane of another. */
export const successorOf = ({ lane, task }: Advance, fields: Partial<Task> = {}) =>
  exampleTask({ ...lane, revision: task.laneRevision }, fields);

/** How a task is cancelled. */
export const cancelling = () => ({ now: NOW + 10, token: newId(), retentionDays: 7 });

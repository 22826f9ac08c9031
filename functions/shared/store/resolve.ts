import { slideWindow } from '../domain/error-budget.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { HistoryEntry } from '../domain/job.ts';
import { type Task, totalCounts } from '../domain/task.ts';
import { deadLettersOf } from './dead-letters.ts';
import { laneAdvanced, laneFreed, taskCancelled, taskDone } from './ends.ts';
import { historyKey } from './job-record.ts';
import { historyWrite } from './jobs.ts';
import { readLane } from './lanes.ts';
import { settleTransaction } from './settle.ts';
import type { Tables, Write } from './tables.ts';

/** What a person has found out about a task in doubt: its rows are in the sink, or they are not. */
export const OUTCOMES = ['committed', 'not-committed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How a task in doubt is ended. The entry's id is new, and tells this resolution from any other. */
export interface Resolution {
  readonly outcome: Outcome;
  readonly entry: HistoryEntry;
  /** What the end of the task adds when it was committed. */
  readonly further: readonly HistoryEntry[];
  /** Epoch ms. */
  readonly now: number;
  readonly retentionDays: number;
}

/**
 * Ends a task in doubt as a person says, in one transaction with its lane and the history:
 *
 * - `committed`: DONE, and the lane moves on, as if the loader had heard the sink's answer;
 * - `not-committed`: CANCELLED, and the lane as it was, so that its offsets are planned anew.
 *
 * @returns whether it took effect; `false` when the task is not in doubt any more, or lost its lane
 * @throws {LoadFailure} INTERNAL for a task without a decision, which can be in no doubt
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function resolveDoubt(
  tables: Tables,
  task: Task,
  resolution: Resolution,
): Promise<boolean> {
  if (task.status !== 'IN_DOUBT') return false;
  const ends = await endsOf(tables, task, resolution);
  if (ends === undefined) return false;
  const { entry, outcome, further } = resolution;
  const entries = outcome === 'committed' ? [entry, ...further] : [entry];
  const writes = [...ends, ...entries.map((each) => historyWrite(task.jobId, each))];
  return settleTransaction(tables, writes, {
    token: entry.id,
    mine: async () => (await tables.get(historyKey(task.jobId, entry.id))) !== undefined,
  });
}

async function endsOf(
  tables: Tables,
  task: Task,
  { outcome, now, retentionDays }: Resolution,
): Promise<Write[] | undefined> {
  const ending = { now, retentionDays };
  if (outcome === 'not-committed') return [taskCancelled(task, ending, []), laneFreed(task)];
  const { decision } = task;
  if (decision === undefined) {
    throw new LoadFailure('INTERNAL', `task ${task.id} is in doubt, but has no decision`);
  }
  const lane = await readLane(tables, { ...task, index: task.lane });
  if (lane?.revision !== task.laneRevision) return undefined;
  const { rows, rejected } = totalCounts(decision.statistics.counts);
  const errorWindow = slideWindow(lane.errorWindow, { rows: rows + rejected, bad: rejected });
  const advance = { lane, task, decision, errorWindow, ends: lane.ends, now };
  return [taskDone(task, ending), laneAdvanced(advance), ...deadLettersOf(task, now)];
}

import { isLost, type LostLetters } from './bad-offsets.ts';
import type { HistoryEntry } from './job.ts';
import { type Decision, type PolicyApplication, type Task, totalCounts } from './task.ts';

/** Applications per entry: at their longest these take a fifth of the 400 KB of an item. */
const APPLICATIONS_PER_ENTRY = 500;

/**
 * What the end of a task adds to its job's history: what policies did to which records, and what became of dead
 * letters that were loaded again. Empty for most tasks.
 *
 * @param newId gives ULIDs, one per entry
 */
export function historyOfEnd(
  task: Task,
  decision: Decision,
  { now, newId }: { readonly now: number; readonly newId: () => string },
): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const { policies } = decision.statistics;
  for (let i = 0; i < policies.length; i += APPLICATIONS_PER_ENTRY) {
    const some = policies.slice(i, i + APPLICATIONS_PER_ENTRY);
    entries.push({
      id: newId(),
      at: now,
      kind: 'policy',
      reason: { code: 'POLICIES_APPLIED', message: policyMessage(some), at: now },
      detail: { taskId: task.id, lane: task.lane, applied: some.map((each) => ({ ...each })) },
    });
  }
  if (task.redrive) entries.push(redriveEntry(task, decision, { id: newId(), now }));
  return entries;
}

/** E.g. `tombstone: skip (12 records), oversizedRecord: skip (1 record)`. */
function policyMessage(applied: readonly PolicyApplication[]): string {
  const counts = new Map<string, number>();
  for (const { policy, action, count } of applied) {
    const name = `${policy}: ${action}`;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts].map(([name, count]) => `${name} (${many(count, 'record')})`).join(', ');
}

function redriveEntry(
  { id: taskId, redrive }: Task,
  { statistics, lost }: Decision,
  { id, now }: { readonly id: string; readonly now: number },
): HistoryEntry {
  const { rows, filtered, rejected, skipped } = totalCounts(statistics.counts);
  const tasks = (redrive?.letters ?? []).map((each) => each.taskId);
  const message =
    `dead letters of ${many(tasks.length, 'task')} loaded again: ` +
    `${many(rows, 'row')} loaded, ${filtered} filtered, ${skipped} skipped, ${rejected} rejected once more` +
    (lost && isLost(lost) ? `; never to be loaded: ${lostMessage(lost)}` : '');
  return {
    id,
    at: now,
    kind: 'redrive',
    reason: { code: 'REDRIVEN', message, at: now },
    detail: {
      taskId,
      tasks,
      rows,
      filtered,
      skipped,
      rejected,
      ...(lost && { lost: { ...lost } }),
    },
  };
}

function lostMessage({ notListed, notKept, gone }: LostLetters): string {
  return [
    ...(notListed > 0 ? [`${notListed} that the destination did not name`] : []),
    ...(notKept > 0 ? [`${notKept} that were too many to remember`] : []),
    ...(gone > 0 ? [`${gone} that the topic has no more`] : []),
  ].join(', ');
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

import type { JobState } from '#shared/domain/job-state.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import type { Task } from '#shared/domain/task.ts';
import { isBadFor } from '../doubles/light-stage.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import type { Records } from './records.ts';

/** What must be true of bad rows at rest: each is a dead letter that waits, or was loaded again, and never both. */

/** Rows of dead letters, with how often each waits; and how often each is in doubt. */
export interface LettersSeen {
  readonly open: ReadonlyMap<number, number>;
  readonly doubtful: ReadonlyMap<number, number>;
}

/** The dead letters of a job; nothing where the sink keeps none that could be looked into. */
export function openLetters(
  records: Records,
  of: { readonly job: string; readonly tasks: readonly Task[] },
): LettersSeen | undefined {
  const sink = records.sinks.get(of.job);
  const kept = sink?.keptLetters;
  if (kept === undefined || records.scenario.productionStage) return undefined;
  const open = new Map<number, number>();
  for (const { jobId, location } of records.letters.values()) {
    if (jobId === of.job) count(open, kept.get(String(location)));
  }
  const doubtful = new Map<number, number>();
  for (const { status, redrive } of of.tasks) {
    if (status !== 'IN_DOUBT' || !redrive) continue;
    for (const { location = '' } of redrive.letters) count(doubtful, kept.get(location));
  }
  return { open, doubtful };
}

function count(counts: Map<number, number>, rows: readonly number[] = []): void {
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
}

/** A bad row was loaded as often as it was read: visible since it is a good one now, or a dead letter. */
export function checkBadRow(
  { witness, sinks }: Records,
  { id }: JobDraft,
  at: {
    readonly row: number;
    readonly times: number;
    readonly inDoubt: number;
    readonly letters: LettersSeen;
  },
): void {
  const { row, times, letters } = at;
  const visible = sinks.get(id)?.visible.get(row) ?? 0;
  const open = letters.open.get(row) ?? 0;
  const inDoubt = at.inDoubt + (letters.doubtful.get(row) ?? 0);
  const seen = `bad row ${row} is there ${visible} times, and ${open} dead letters wait, of ${times}`;
  if (visible + open < times) witness.violated('no-bad-row-is-lost', seen);
  if (visible + open > times + inDoubt) witness.violated('no-row-is-doubled', seen);
}

/** After a redrive that nothing disturbed only such letters wait that are still bad. */
export function checkRedriven(records: Records, { id }: JobDraft): void {
  const sink = records.sinks.get(id);
  const job = records.jobs.get(id);
  if (!(sink instanceof SinkModel) || !loadsDeadLetters({ state: job?.state as JobState })) return;
  for (const { jobId, taskId, location } of records.letters.values()) {
    if (jobId !== id) continue;
    const rows = sink.keptLetters.get(String(location)) ?? [];
    const good = rows.filter((row) => !isBadFor(row, Number(job?.specVersion)));
    if (good.length > 0) {
      records.witness.violated('redrives-end', `task ${taskId} has left ${good}, which are good`);
    }
  }
}

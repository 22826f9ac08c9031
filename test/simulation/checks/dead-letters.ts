import type { JobState } from '#shared/domain/job-state.ts';
import { eachRange } from '#shared/domain/offset-ranges.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import type { Task } from '#shared/domain/task.ts';
import { storedBadOffsets } from '#shared/store/bad-offsets-codec.ts';
import type { Item } from '#shared/store/tables.ts';
import { isBadFor } from '../doubles/light-stage.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import { rowAt } from '../doubles/topic.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import type { Records } from './records.ts';

/** What must be true of bad rows at rest: each is a dead letter that waits, or was loaded again, and never both. */

/** Rows of dead letters, with how often each waits; and how often each is in doubt. */
export interface LettersSeen {
  readonly open: ReadonlyMap<number, number>;
  readonly doubtful: ReadonlyMap<number, number>;
}

/** The dead letters of a job; nothing where none could be looked into. */
export function openLetters(
  records: Records,
  draft: JobDraft,
  tasks: readonly Task[],
): LettersSeen | undefined {
  const sink = records.sinks.get(draft.id);
  if (sink?.keptLetters === undefined || records.scenario.productionStage) return undefined;
  const open = new Map<number, number>();
  for (const item of records.letters.values()) {
    if (item.jobId === draft.id) count(open, rowsOfLetters(records, draft, item));
  }
  const doubtful = new Map<number, number>();
  for (const { status, redrive } of tasks) {
    if (status !== 'IN_DOUBT') continue;
    for (const { taskId } of redrive?.letters ?? []) {
      const item = records.letters.get(taskId);
      if (item) count(doubtful, rowsOfLetters(records, draft, item));
    }
  }
  return { open, doubtful };
}

/** The rows of the records that dead letters hold, or that they say where to find in the topic. */
function rowsOfLetters({ sinks }: Records, { id, topic }: JobDraft, item: Item): readonly number[] {
  if (item.badOffsets === undefined) {
    return sinks.get(id)?.keptLetters?.get(String(item.location)) ?? [];
  }
  const { known, topicId } = storedBadOffsets.parse(item.badOffsets);
  const life = topic.lifeOf(topicId);
  const rows: number[] = [];
  for (const [partition, { from, to }] of eachRange(known)) {
    const first = life?.logs.get(partition)?.first ?? 0n;
    for (let offset = from; life && offset < to; offset += 1n) {
      rows.push(rowAt(partition, Number(offset - first), life));
    }
  }
  return rows;
}

function count(counts: Map<number, number>, rows: readonly number[] = []): void {
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
}

/** A bad row was loaded as often as it was read: visible since it is a good one now, or a dead letter. */
export function checkBadRow(
  { witness, sinks, scenario }: Records,
  { id }: JobDraft,
  at: {
    readonly row: number;
    readonly times: number;
    readonly inDoubt: number;
    readonly letters: LettersSeen;
    /** Whether the topic has the record no more, so that a redrive drops it. */
    readonly isGone: boolean;
  },
): void {
  const { row, times, letters } = at;
  const visible = sinks.get(id)?.visible.get(row) ?? 0;
  const open = letters.open.get(row) ?? 0;
  const inDoubt = at.inDoubt + (letters.doubtful.get(row) ?? 0);
  const seen = `bad row ${row} is there ${visible} times, and ${open} dead letters wait, of ${times}`;
  // One redrive reads an offset once, however many tasks have noted it since their user had moved back.
  const least = scenario.bareSink === true ? Math.min(times, 1) : times;
  if (visible + open < least && !at.isGone) witness.violated('no-bad-row-is-lost', seen);
  if (visible + open > times + inDoubt) witness.violated('no-row-is-doubled', seen);
}

/** After a redrive that nothing disturbed only such letters wait that are still bad. */
export function checkRedriven(records: Records, draft: JobDraft): void {
  const { id, topic } = draft;
  const sink = records.sinks.get(id);
  const job = records.jobs.get(id);
  if (!(sink instanceof SinkModel) || !loadsDeadLetters({ state: job?.state as JobState })) return;
  for (const item of records.letters.values()) {
    const { jobId, taskId } = item;
    const isElsewhere = item.badOffsets !== undefined && job?.topicId !== topic.id;
    if (jobId !== id || isElsewhere) continue;
    const rows = rowsOfLetters(records, draft, item);
    const good = rows.filter((row) => !isBadFor(row, Number(job?.specVersion)));
    if (good.length > 0) {
      records.witness.violated('redrives-end', `task ${taskId} has left ${good}, which are good`);
    }
  }
}

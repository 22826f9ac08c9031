import { createHash } from 'node:crypto';
import { mainOf, type TableState } from './table-state.ts';

/*
 * Which task of a lane was committed last stands in the table itself, as a property that changes in the same commit
 * that adds the task's files. So whatever became of an answer, the table is looked at again.
 *
 * - A lane has one task at a time, and the lanes of a new division begin when all tasks of the old are over: so the
 *   marks of one lane's number only ever go up, by generation and revision. It is so for the lane of redrives, too.
 * - What a task finds when it begins, it must find when it commits: else another task got between, e.g. one of which a
 *   person has said that it did not come to anything.
 * - A mark that was removed by hand is looked for in the snapshots, as far back as the task began. Where these were
 *   expired meanwhile, or another task of the lane is among them, nobody can tell.
 * - A task's snapshot has an id that follows from the task: a catalog refuses a second one of the same id.
 */

/** What the property of a lane holds: its newest task. */
export interface Mark {
  readonly generation: number;
  /** The lane's revision while the task is its live one. */
  readonly revision: number;
  readonly taskId: string;
}

/** What one task is to find, and to leave. */
export interface LedgerEntry {
  /** The table, whatever its name. */
  readonly tableUuid: string;
  readonly property: string;
  /** What the property is to become. */
  readonly mark: string;
  /** What it was when the task began, and which snapshot was the newest then. */
  readonly before: string | undefined;
  readonly base: bigint | undefined;
  readonly snapshotId: bigint;
}

/** The name of a lane's property. */
export function markProperty(jobId: string, lane: number): string {
  return `routine-load.${jobId}.${lane}`;
}

/** In a snapshot's summary: the task that made it, as its mark, and the property of its lane. */
export const TASK_IN_SUMMARY = 'routine-load.task';
export const LANE_IN_SUMMARY = 'routine-load.lane';

export function markText({ generation, revision, taskId }: Mark): string {
  return `${generation}.${revision}.${taskId}`;
}

/** @returns undefined for a text that is no mark */
function parseMark(text: string): Mark | undefined {
  const [, generation, revision, taskId] = /^(\d+)\.(\d+)\.([0-9A-Z]{26})$/.exec(text) ?? [];
  if (taskId === undefined) return undefined;
  return { generation: Number(generation), revision: Number(revision), taskId };
}

/** Whether a task begins behind the one that a table names: a store that was set back would load rows again. */
export function isBehind(own: Mark, found: string | undefined): boolean {
  if (found === undefined) return true;
  const theirs = parseMark(found);
  if (theirs === undefined) return false;
  if (theirs.generation !== own.generation) return theirs.generation < own.generation;
  return theirs.revision < own.revision;
}

/** The id of the snapshot that a task makes: positive, of 63 bits. */
export function snapshotIdOf(jobId: string, taskId: string): bigint {
  const digest = createHash('sha256').update(`${jobId}/${taskId}`).digest();
  return digest.readBigUInt64BE() >> 1n || 1n;
}

/** Whether a task is committed. `ask-again`: all snapshots must be seen. */
export type Standing =
  | { readonly kind: 'committed' }
  | { readonly kind: 'open' }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'in-doubt'; readonly message: string };

/**
 * What a table says of a task.
 *
 * @param hasAll whether the table was read with all of its snapshots
 */
export function standingOf(
  table: TableState,
  entry: LedgerEntry,
  { hasAll }: { readonly hasAll: boolean },
): Standing {
  const { property, mark, before, base } = entry;
  if (table['table-uuid'] !== entry.tableUuid) {
    const message = `the table was replaced by ${table['table-uuid']}; the task wrote for ${entry.tableUuid}`;
    return { kind: 'in-doubt', message };
  }
  const found = table.properties[property];
  if (found === mark || hasSnapshot(table, entry)) return { kind: 'committed' };
  if (found !== undefined) {
    if (found === before) return { kind: 'open' };
    if (!hasAll) return { kind: 'ask-again' };
    const message = `property ${property} must be ${before ?? 'absent'} before ${mark} is committed, got ${found}`;
    return { kind: 'in-doubt', message };
  }
  if (mainOf(table) === base && before === undefined) return { kind: 'open' };
  if (!hasAll) return { kind: 'ask-again' };
  const since = snapshotsSince(table, base);
  if (since?.every(({ summary }) => summary?.[LANE_IN_SUMMARY] !== property)) {
    return { kind: 'open' };
  }
  const why = since ? 'have another task of its lane among them' : 'are not all there';
  const message = `property ${property} is absent, and the snapshots since the task began ${why}: whether ${mark} may be committed cannot be told`;
  return { kind: 'in-doubt', message };
}

function hasSnapshot({ snapshots }: TableState, { snapshotId, mark }: LedgerEntry): boolean {
  return snapshots.some(
    (one) => one['snapshot-id'] === snapshotId || one.summary?.[TASK_IN_SUMMARY] === mark,
  );
}

/** The snapshots from the newest back to that one; undefined where they are not all there. */
function snapshotsSince(
  table: TableState,
  base: bigint | undefined,
): TableState['snapshots'] | undefined {
  const all = new Map(table.snapshots.map((one) => [one['snapshot-id'], one]));
  const since: TableState['snapshots'] = [];
  let at = mainOf(table);
  while (at !== undefined && at !== base) {
    const found = all.get(at);
    if (found === undefined) return undefined;
    since.push(found);
    at = found['parent-snapshot-id'] ?? undefined;
  }
  return at === base ? since : undefined;
}

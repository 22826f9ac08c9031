import type { BadOffsets } from './bad-offsets.ts';
import type { JobState } from './job-state.ts';
import { type Lane, NOTHING_LOADED } from './lane.ts';
import type { OffsetRange, Slice } from './offsets.ts';

/**
 * Loading dead letters again, exactly once, by the same protocol that loads a topic.
 *
 * - Every slice that leaves dead letters leaves a record of them, in the transaction that ends it.
 * - They are loaded again by tasks of one lane, the redrive lane, which like any other has at most one live task:
 *   so no two tasks ever hold the same dead letters.
 * - The transaction that ends such a task deletes the records of the dead letters that it loaded. Rows that are
 *   bad again leave a record of their own; what can never be loaded again is told to the history.
 * - Where the destination keeps dead letters, a record says where they are. Where it keeps none, it says at which
 *   offsets the topic has them.
 */

/** The index of the redrive lane; no division makes that many. */
export const REDRIVE_LANE = 9_999;

/** Whether a lane loads dead letters again. It owns no partitions, so that nothing else is ever planned for it. */
export function isRedriveLane({ index }: Pick<Lane, 'index'>): boolean {
  return index === REDRIVE_LANE;
}

/**
 * Whether a job in that state loads the dead letters that are wanted. A bounded job does so when it is COMPLETED,
 * too, and stays it: its topic is loaded, so there is nothing to divide, to pause or to complete once more.
 */
export function loadsDeadLetters({ state }: { readonly state: JobState }): boolean {
  return state === 'RUNNING' || state === 'COMPLETED';
}

/** The dead letters that one task left, while they have not been loaded again. */
export interface DeadLetters {
  readonly jobId: string;
  /** The task that rejected them. */
  readonly taskId: string;
  /** Where they are, in the words of the destination's sink; absent where it keeps none. */
  readonly location?: string | undefined;
  /** Present where there is no location: which records of the topic they are. */
  readonly badOffsets?: BadOffsets | undefined;
  /** Those that can be loaded again. */
  readonly rows: number;
  /** About how many bytes of values are read to load them again. */
  readonly bytes: number;
  /** The ranges of offsets that they come from. */
  readonly slice: Slice;
  /** The request by which they were loaded again, and were bad again. */
  readonly request?: string | undefined;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * What a user asked for: the dead letters that there were then. Not those that come while it is served, or it
 * might never end: neither those of later tasks, nor those that it leaves itself, whatever the clocks say that
 * name tasks.
 */
export interface RedriveRequest {
  /** A ULID. */
  readonly id: string;
  /** The newest task whose dead letters are meant. */
  readonly upTo: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Whether a request means these dead letters. */
export function isWanted(letters: DeadLetters, { id, upTo }: RedriveRequest): boolean {
  return letters.taskId <= upTo && letters.request !== id;
}

/** A redrive lane before its first task. */
export function newRedriveLane(
  { id, generation }: { readonly id: string; readonly generation: number },
  now: number,
): Lane {
  return {
    jobId: id,
    generation,
    index: REDRIVE_LANE,
    next: new Map(),
    start: new Map(),
    ends: new Map(),
    ...NOTHING_LOADED,
    createdAt: now,
  };
}

/** A transaction has at most 100 items, and the end of a task has others beside these. */
export const MOST_PER_TASK = 50;

/** As many as a slice has at most, so that the task's item stays small. */
const MOST_PARTITIONS = 1_000;

/**
 * The dead letters that the next task of a redrive loads: from the oldest on, about as many rows and bytes as
 * one batch takes, but at least those of one task.
 *
 * @param open in the order of their tasks
 */
export function nextToRedrive(
  open: readonly DeadLetters[],
  batch: { readonly maxRows: number; readonly maxBytes: number },
): readonly DeadLetters[] {
  let rows = 0;
  let bytes = 0;
  let partitions = 0;
  const fitting = open.slice(0, MOST_PER_TASK).findIndex((letters) => {
    rows += letters.rows;
    bytes += letters.bytes;
    partitions += letters.slice.size;
    return rows > batch.maxRows || bytes > batch.maxBytes || partitions > MOST_PARTITIONS;
  });
  return open.slice(0, fitting < 0 ? MOST_PER_TASK : Math.max(1, fitting));
}

/** Where dead letters come from, as the slice of the task that loads them again: other records lie between them. */
export function sliceOfLetters(letters: readonly DeadLetters[]): Slice {
  const slice = new Map<number, OffsetRange>();
  for (const [partition, { from, to }] of letters.flatMap((each) => [...each.slice])) {
    const range = slice.get(partition);
    slice.set(partition, {
      from: range === undefined || from < range.from ? from : range.from,
      to: range === undefined || to > range.to ? to : range.to,
    });
  }
  return slice;
}

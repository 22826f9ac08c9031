import type { Slice } from '#shared/domain/offsets.ts';
import type { TableShape } from '#shared/domain/spec/table-shape.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import type { RecordPosition } from '../dead-letters/noted-offsets.ts';
import type { Period } from './period.ts';

/** What a commit came to. `in-doubt`: the sink cannot say, and the rows must not be loaded again. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'already-committed' }
  | { readonly kind: 'retry-later'; readonly message: string }
  | { readonly kind: 'in-doubt'; readonly message: string };

/** A row that a destination did not take, as far as it tells. */
export interface RefusedRow {
  readonly partition?: number | undefined;
  /** A decimal offset. */
  readonly offset?: string | undefined;
  readonly column?: string | undefined;
  readonly reason: string;
  readonly excerpt: string;
}

/** What a destination that maps and filters by itself made of the rows that it was given. */
export interface RowsJudged {
  /** Rows that it saw. */
  readonly total: number;
  /** Bad rows among them. */
  readonly rejected: number;
  /** Rows that `where` leaves out. */
  readonly unselected: number;
  /** Some of the bad ones. */
  readonly examples: readonly RefusedRow[];
  /** Where bad ones come from, as far as that is certain; a row may stand here more than once. */
  readonly listed: readonly RecordPosition[];
}

/** One attempt's rows on their way into the sink. */
export interface SinkWriter {
  /**
   * Resolves when the next chunk may come; the memory of this one is the caller's again then. Chunks of text that was not mapped end at row boundaries.
   *
   * @param period where the destination keeps rows apart by a date: that of all rows of the chunk. The chunks of one
   * come without any other between them
   */
  write(chunk: Uint8Array, period?: Period): Promise<void>;
  /** Takes dead letters, as `write` takes rows; only where {@link Sink.keepsBadRows}. */
  keep?(chunk: Uint8Array): Promise<void>;
  /** Makes all that was written durable and keeps it invisible. */
  prepare(): Promise<SinkHandle>;
  /** Asked after `prepare`; absent for a sink that takes rows as they are. */
  judged?(): RowsJudged;
  /** Gives the attempt up and leaves nothing behind. Never throws. */
  discard(): Promise<void>;
}

/** Whether nobody will ever commit what is left under a label, as {@link Sink.sweep} finds it. */
export type IsAbandoned = (leftover: { readonly label: string }) => Promise<boolean>;

/** The task that an attempt works on. */
export interface SinkWork {
  readonly lane: number;
  readonly generation: number;
  /** The lane's, while this task is its live one. */
  readonly revision: number;
  readonly slice: Slice;
  /** To be called while the destination is waited for, so that the wait is not taken for a hang. */
  readonly onProgress: () => void;
}

/**
 * A destination that can prepare durably and invisibly, and commit later: the two phases of the task
 * protocol. Every method may be called again after a lost answer.
 */
export interface Sink {
  /** Whether it has a place for dead letters, committed with the rows. */
  readonly keepsBadRows?: boolean;
  /** Where the commit of a handle leaves its dead letters; undefined when it has none. */
  deadLettersIn?(handle: SinkHandle): string | undefined;
  /**
   * The content of dead letters that were committed: whole lines, in chunks of any size.
   *
   * @throws {LoadFailure} (when read) DEAD_LETTERS_UNAVAILABLE for what is not there, and the destination's failures
   */
  readDeadLetters?(location: string): AsyncIterable<Uint8Array>;
  /** The columns that an attempt has to write; only of a destination that says them itself. Asked before `open`. */
  table?(): Promise<TableShape>;
  /** Begins an attempt under its label, over whatever an earlier use of that label left. */
  open(label: string, work?: SinkWork): Promise<SinkWriter>;
  /** Idempotent. Called only with the handle of a decision. `onProgress`: to be called where there is much to commit. */
  commit(handle: SinkHandle, onProgress?: () => void): Promise<CommitOutcome>;
  /** Removes what the attempt of that label left prepared; nothing there is success. Never called after a decision. */
  abort(label: string): Promise<void>;
  /**
   * Removes leftovers of this job for which `isAbandoned` says yes. Absent where they cannot be listed: then attempts
   * are noted, and their labels aborted later.
   */
  sweep?(jobId: string, isAbandoned: IsAbandoned): Promise<number>;
}

import type { SinkHandle } from '#shared/domain/task.ts';

/** What a commit came to. `in-doubt`: the sink cannot say, and the rows must not be loaded again. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'already-committed' }
  | { readonly kind: 'retry-later'; readonly message: string }
  | { readonly kind: 'in-doubt'; readonly message: string };

/** One attempt's rows on their way into the sink. */
export interface SinkWriter {
  /** Takes the chunk over; resolves when the next may come. Chunks end at row boundaries. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes all that was written durable and keeps it invisible. */
  prepare(): Promise<SinkHandle>;
  /** Gives the attempt up and leaves nothing behind. Never throws. */
  discard(): Promise<void>;
}

/** What is left of attempts, by label, as {@link Sink.sweep} finds it. */
export interface Leftover {
  readonly label: string;
}

/**
 * A destination that can prepare durably and invisibly, and commit later: the two phases of the task
 * protocol. Every method may be called again after a lost answer.
 */
export interface Sink {
  /** How many lanes its workers can serve; absent for a destination without workers. */
  aliveWorkers?(): Promise<number>;
  /** Begins an attempt under its label, over whatever an earlier use of that label left. */
  open(label: string): Promise<SinkWriter>;
  /** Idempotent. Called only with the handle of a decision. */
  commit(handle: SinkHandle): Promise<CommitOutcome>;
  /** Removes what the attempt of that label left prepared; nothing there is success. Never called after a decision. */
  abort(label: string): Promise<void>;
  /** Removes leftovers of this job for which `isAbandoned` says yes. */
  sweep(jobId: string, isAbandoned: (leftover: Leftover) => Promise<boolean>): Promise<number>;
}

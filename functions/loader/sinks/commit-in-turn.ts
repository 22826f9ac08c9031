import type { CommitOutcome } from './sink.ts';

/** How many there are, in words, and whom to tell that it goes on. */
interface CommitInTurnOptions {
  /** E.g. `objects`. */
  readonly things: string;
  readonly onProgress?: (() => void) | undefined;
}

/**
 * Commits what one decision holds, in its order, up to the first that cannot be: readers see them appear one by one.
 * Each commit is idempotent, so a repetition goes on where an earlier try ended, whoever made it.
 */
export async function commitInTurn<T>(
  all: readonly T[],
  commit: (one: T) => Promise<CommitOutcome>,
  { things, onProgress }: CommitInTurnOptions,
): Promise<CommitOutcome> {
  let outcome: CommitOutcome = { kind: 'already-committed' };
  for (const [done, one] of all.entries()) {
    const next = await commit(one);
    if (next.kind === 'committed') outcome = next;
    else if (next.kind !== 'already-committed') {
      if (all.length === 1) return next;
      return {
        ...next,
        message: `${next.message}; ${done} of ${all.length} ${things} are committed`,
      };
    }
    onProgress?.();
  }
  return outcome;
}

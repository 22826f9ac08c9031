import { type Item, OutcomeUnknown, type Tables, type Write } from './tables.ts';

/**
 * Truth about a conditional write. A write that had succeeded comes back as a failed condition when it is
 * repeated, and the SDK repeats silently: so a failed condition is believed only after the item as it
 * stands has been compared with what this writer would have written.
 *
 * Repeating settles it for good because every condition in this store is on something that only moves on
 * (attempt, revision, offers, change token): once it has failed, it never holds again.
 */

const TRIES = 4;

/** `won`: the write took effect, now or in an earlier try. Otherwise `current` is the item that stood in its way. */
export type Settled =
  | { readonly won: true }
  | { readonly won: false; readonly current: Item | undefined };

/**
 * Writes until it is known whether the write took effect.
 *
 * @param mine whether an item is one that this very write has left
 * @throws {OutcomeUnknown} when the store stays silent; then nothing may be assumed
 */
export async function settleWrite(
  tables: Tables,
  write: Write,
  mine: (item: Item) => boolean,
): Promise<Settled> {
  const outcome = await untilKnown(() => tables.write(write));
  if (outcome.applied) return { won: true };
  if (outcome.old && mine(outcome.old)) return { won: true };
  return { won: false, current: outcome.old };
}

/**
 * The same for a transaction. `mine` reads whether this very transaction has taken effect; it is asked
 * only when a condition failed.
 *
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function settleTransaction(
  tables: Tables,
  writes: readonly Write[],
  options: { readonly token: string; readonly mine: () => Promise<boolean> },
): Promise<boolean> {
  const outcome = await untilKnown(() => tables.transact(writes, options.token));
  return outcome.applied || options.mine();
}

/** Once a try is unknown, a refusal of a later one says nothing about it: only an answer does. */
async function untilKnown<T>(attempt: () => Promise<T>): Promise<T> {
  let unknown: OutcomeUnknown | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof OutcomeUnknown) unknown = error;
      if (!unknown) throw error;
      if (tries >= TRIES) throw unknown;
    }
  }
}

import type { RecordKind } from '../doubles/topic.ts';
import type { Random } from '../engine/random.ts';

/** Where logs begin: also far beyond what a JavaScript number can hold. */
export const FIRST_OFFSETS = [0n, 0n, 7n, 2n ** 53n + 1n] as const;

/** What jobs do about records that are gone before they were read. */
export const POLICIES = ['pause', 'earliest', 'latest'] as const;

/** Draws what each next record of a topic is; some topics have bad ones. */
export function drawContents(
  random: Random,
  badRows: number = random.pick([0, 0, 0, 0.4]),
): () => RecordKind {
  return () => {
    const drawn = random.next();
    if (drawn < badRows) return 'bad';
    return drawn < 0.7 ? 'row' : drawn < 0.9 ? 'hole' : 'tombstone';
  };
}

/** The id of the job with this letter. */
export function jobId(letter: string): string {
  return `0000000000000000000000000${letter}`;
}

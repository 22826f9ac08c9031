import type { PartitionProgress } from './partition-progress.ts';

/** Partitions that are remembered at most: a loader that is warm for long reads many topics. */
const MOST = 10_000;

/**
 * Remembers by which leader the last record of a slice was written, for the slice that goes on from there over the same
 * reader: its first fetch can then tell that the log was cut back in between. Nothing depends on it: a slice that begins
 * elsewhere, or in another process, is read without.
 */
export class ReadEpochs {
  readonly #ends = new Map<string, { readonly offset: bigint; readonly epoch: number }>();

  /** Tells a range that begins where one ended. Topics without an id are not known. */
  recall(topicId: string | undefined, progress: PartitionProgress): void {
    const end = this.#ends.get(key(topicId, progress));
    if (end?.offset === progress.from) progress.lastEpoch = end.epoch;
  }

  /** Takes note of where ranges ended. */
  keep(topicId: string | undefined, ranges: readonly PartitionProgress[]): void {
    if (topicId === undefined) return;
    for (const progress of ranges) {
      const { position: offset, requested, lastEpoch: epoch } = progress;
      this.#ends.delete(key(topicId, progress));
      // What was fetched and not read any more has an epoch of its own.
      if (epoch >= 0 && requested === offset)
        this.#ends.set(key(topicId, progress), { offset, epoch });
    }
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size <= MOST) return;
      this.#ends.delete(oldest);
    }
  }

  /** Forgets ranges: what was found out by them is told once. */
  forget(topicId: string | undefined, ranges: readonly PartitionProgress[]): void {
    for (const progress of ranges) this.#ends.delete(key(topicId, progress));
  }
}

function key(topicId: string | undefined, { partition }: PartitionProgress): string {
  return `${topicId} ${partition}`;
}

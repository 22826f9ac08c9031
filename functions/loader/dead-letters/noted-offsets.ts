import { MOST_RANGES } from '#shared/domain/bad-offsets.ts';
import { mergeRanges, type OffsetRanges } from '#shared/domain/offset-ranges.ts';
import type { OffsetRange } from '#shared/domain/offsets.ts';

/** Where a record stands. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: bigint;
}

/** Bad records that stand next to each other; the last may not be among them. */
export interface BadRange extends OffsetRange {
  readonly partition: number;
  /** How many of its offsets are records. */
  readonly count: number;
}

type Growing = { from: bigint; to: bigint };

/**
 * Notes where the bad records of a slice stand, for a destination that has no place for them. Its memory is bounded:
 * at most {@link MOST_RANGES} ranges of neighbours, and whatever comes then is only counted.
 */
export class NotedOffsets {
  readonly #ranges = new Map<number, Growing[]>();
  #count = 0;
  /** Records that are noted. */
  noted = 0;
  /** Records that there was no room for. */
  notKept = 0;

  add({ partition, offset }: RecordPosition): void {
    this.addRange({ partition, from: offset, to: offset + 1n, count: 1 });
  }

  addRange({ partition, from, to, count }: BadRange): void {
    const ranges = this.#ranges.get(partition) ?? [];
    const last = ranges.at(-1);
    if (last?.to === from) last.to = to;
    else if (this.#count < MOST_RANGES) {
      this.#count += 1;
      ranges.push({ from, to });
      this.#ranges.set(partition, ranges);
    } else {
      this.notKept += count;
      return;
    }
    this.noted += count;
  }

  ranges(): OffsetRanges {
    return mergeRanges(this.#each());
  }

  *#each(): Generator<readonly [number, OffsetRange]> {
    for (const [partition, ranges] of this.#ranges) {
      for (const range of ranges) yield [partition, range];
    }
  }
}

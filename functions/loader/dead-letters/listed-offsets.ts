import { WORTH_READING_OVER } from '#shared/domain/offset-ranges.ts';
import type { OffsetRange } from '#shared/domain/offsets.ts';

/** What is still to come of one partition's listed offsets. They are left behind in their order. */
export class ListedOffsets {
  readonly #ranges: readonly OffsetRange[];
  #at = 0;
  /** Everything below it is left behind. */
  #position = 0n;

  /** @param ranges in their order */
  constructor(ranges: readonly OffsetRange[]) {
    this.#ranges = ranges;
  }

  /** The first range that is still to come, without what is left behind of it. */
  get next(): OffsetRange | undefined {
    return this.#clipped(this.#at);
  }

  /** Leaves everything below an offset behind. */
  leave(offset: bigint): void {
    if (offset > this.#position) this.#position = offset;
    while ((this.#ranges[this.#at]?.to ?? offset) < offset) this.#at += 1;
    if (this.#ranges[this.#at]?.to === offset) this.#at += 1;
  }

  /** What is still to come below an offset. */
  *below(end: bigint): Generator<OffsetRange> {
    for (let at = this.#at; ; at += 1) {
      const range = this.#clipped(at);
      if (range === undefined || range.from >= end) return;
      yield { from: range.from, to: range.to < end ? range.to : end };
    }
  }

  /** From what comes next as far as it is worth to read on in one go. */
  nextSpan(): OffsetRange | undefined {
    const { next } = this;
    if (next === undefined) return undefined;
    let { to } = next;
    for (let at = this.#at + 1; at < this.#ranges.length; at += 1) {
      const range = this.#ranges[at];
      if (range === undefined || range.from - to > WORTH_READING_OVER) break;
      to = range.to;
    }
    return { from: next.from, to };
  }

  #clipped(at: number): OffsetRange | undefined {
    const range = this.#ranges[at];
    if (range === undefined || range.from >= this.#position) return range;
    return { from: this.#position, to: range.to };
  }
}

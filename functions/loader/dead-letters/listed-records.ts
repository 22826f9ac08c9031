import type { OffsetRanges } from '#shared/domain/offset-ranges.ts';
import type { OffsetRange, Slice } from '#shared/domain/offsets.ts';
import type { OversizedRecords, RecordConsumer, RecordView } from '../records.ts';
import { ListedOffsets } from './listed-offsets.ts';

/**
 * Lets the records at listed offsets through to a consumer, each once, and knows which of them are still to come:
 * within a partition offsets come in their order, however often reading begins anew.
 */
export class ListedRecords implements RecordConsumer {
  readonly #consumer: RecordConsumer;
  readonly #listed: ReadonlyMap<number, ListedOffsets>;
  /** Offsets that have come. */
  delivered = 0;

  constructor(listed: OffsetRanges, consumer: RecordConsumer) {
    this.#consumer = consumer;
    this.#listed = new Map(
      [...listed].map(([partition, ranges]) => [partition, new ListedOffsets(ranges)]),
    );
  }

  accept(record: RecordView): void {
    const listed = this.#listed.get(record.partition);
    if (listed?.next === undefined) return;
    const { offset } = record;
    if (offset < listed.next.from) return;
    listed.leave(offset);
    if (listed.next?.from !== offset) return;
    listed.leave(offset + 1n);
    this.delivered += 1;
    this.#consumer.accept(record);
  }

  /** Of a batch that cannot be read only what is listed is bad: its other records have been loaded. */
  passOver(records: OversizedRecords): boolean {
    const { partition, to, count } = records;
    const listed = this.#listed.get(partition);
    if (listed === undefined) return true;
    listed.leave(records.from);
    for (const range of listed.below(to)) {
      const offsets = Number(range.to - range.from);
      const some = { ...records, ...range, count: Math.min(count, offsets) };
      if (!this.#consumer.passOver?.(some)) return false;
      this.delivered += offsets;
    }
    listed.leave(to);
    return true;
  }

  drain(): Promise<boolean> {
    return this.#consumer.drain();
  }

  /** What to read next: a range of each partition that begins with what is still to come; empty at the end. */
  nextSlice(): Slice {
    const slice = new Map<number, OffsetRange>();
    for (const [partition, listed] of this.#listed) {
      const span = listed.nextSpan();
      if (span) slice.set(partition, span);
    }
    return slice;
  }

  /** What lies below an offset and has not come is not there. */
  leave(partition: number, offset: bigint): void {
    this.#listed.get(partition)?.leave(offset);
  }
}

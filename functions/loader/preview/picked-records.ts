import type { OversizedRecords, RecordConsumer, RecordView } from '../records.ts';
import { keptRecord } from '../values/kept-record.ts';
import type { WantedPart } from './plan-reading.ts';

/** A record that was picked, or what stands for those of a batch that there is no memory for. */
export type Picked =
  | { readonly record: RecordView; readonly withheld?: undefined }
  | { readonly record?: undefined; readonly withheld: OversizedRecords };

/** Of all picked records together: a loader has memory for a batch of 128 MiB and its rows beside them. */
const MOST_BYTES = 67_108_864;

/**
 * Keeps the first or the last records of each partition, so many as are wanted of it, and no more of them than there is
 * memory for.
 */
export class PickedRecords implements RecordConsumer {
  readonly #parts: ReadonlyMap<number, WantedPart>;
  readonly #mayPassOver: boolean;
  readonly #picked = new Map<number, Picked[]>();
  #bytes = 0;

  constructor(parts: ReadonlyMap<number, WantedPart>, options: { readonly mayPassOver: boolean }) {
    this.#parts = parts;
    this.#mayPassOver = options.mayPassOver;
  }

  accept(record: RecordView): void {
    if (this.#isOpen(record.partition)) this.#add(record.partition, { record: keptRecord(record) });
  }

  passOver(withheld: OversizedRecords): boolean {
    if (this.#mayPassOver && this.#isOpen(withheld.partition)) {
      this.#add(withheld.partition, { withheld });
    }
    return this.#mayPassOver;
  }

  async drain(): Promise<boolean> {
    return [...this.#parts.keys()].some((partition) => this.#isOpen(partition));
  }

  /** Whether more of them are wanted than there are. */
  get isShort(): boolean {
    return [...this.#parts].some(([partition, { count }]) => this.#of(partition).length < count);
  }

  /** By partition and offset. */
  all(): Picked[] {
    return [...this.#picked].sort(([a], [b]) => a - b).flatMap(([, picked]) => picked);
  }

  #of(partition: number): Picked[] {
    return this.#picked.get(partition) ?? [];
  }

  #isOpen(partition: number): boolean {
    const part = this.#parts.get(partition);
    if (part === undefined) return false;
    if (part.side === 'last') return true;
    return this.#of(partition).length < part.count && this.#bytes < MOST_BYTES;
  }

  #add(partition: number, entry: Picked): void {
    const picked = this.#of(partition);
    picked.push(entry);
    this.#picked.set(partition, picked);
    this.#bytes += bytesOf(entry);
    const { side, count = 0 } = this.#parts.get(partition) ?? {};
    if (side === 'first') return;
    while (picked.length > count || (picked.length > 1 && this.#bytes > MOST_BYTES)) {
      const oldest = picked.shift();
      this.#bytes -= oldest ? bytesOf(oldest) : 0;
    }
  }
}

function bytesOf({ record }: Picked): number {
  return record?.buffer.length ?? 0;
}

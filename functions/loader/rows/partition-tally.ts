import { NO_COUNTS, type PartitionCounts } from '#shared/domain/task.ts';

type Counts = { -readonly [K in keyof PartitionCounts]: number };

/** Counts records by partition. */
export class PartitionTally {
  readonly #counts = new Map<number, Counts>();
  #last: Counts = { ...NO_COUNTS };
  #lastPartition = -1;

  add(partition: number, kind: keyof PartitionCounts, count = 1): void {
    // Records come in batches of one partition: mostly the last look-up's.
    if (partition !== this.#lastPartition) this.#select(partition);
    this.#last[kind] += count;
  }

  counts(): ReadonlyMap<number, PartitionCounts> {
    return new Map([...this.#counts].map(([partition, counts]) => [partition, { ...counts }]));
  }

  #select(partition: number): void {
    let counts = this.#counts.get(partition);
    if (counts === undefined) {
      counts = { ...NO_COUNTS };
      this.#counts.set(partition, counts);
    }
    this.#last = counts;
    this.#lastPartition = partition;
  }
}

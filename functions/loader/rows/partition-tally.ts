import type { PartitionCounts } from '#shared/domain/task.ts';

type Counts = { -readonly [K in keyof PartitionCounts]: number };

/** Counts records by partition. */
export class PartitionTally {
  readonly #counts = new Map<number, Counts>();
  #last: Counts = { rows: 0, rejected: 0, skipped: 0 };
  #lastPartition = -1;

  add(partition: number, kind: keyof PartitionCounts): void {
    // Records come in batches of one partition: mostly the last look-up's.
    if (partition !== this.#lastPartition) this.#select(partition);
    this.#last[kind] += 1;
  }

  counts(): ReadonlyMap<number, PartitionCounts> {
    return new Map([...this.#counts].map(([partition, counts]) => [partition, { ...counts }]));
  }

  #select(partition: number): void {
    let counts = this.#counts.get(partition);
    if (counts === undefined) {
      counts = { rows: 0, rejected: 0, skipped: 0 };
      this.#counts.set(partition, counts);
    }
    this.#last = counts;
    this.#lastPartition = partition;
  }
}

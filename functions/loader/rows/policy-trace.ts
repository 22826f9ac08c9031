import type { PolicyApplication, RecordPolicy } from '#shared/domain/task.ts';

type Applied = { -readonly [K in keyof PolicyApplication]: PolicyApplication[K] };

type Range = Pick<PolicyApplication, 'partition' | 'from' | 'to' | 'count'>;

/** Where a record stands. */
type Place = { readonly partition: number; readonly offset: bigint };

/** Collects what policies did to the records of a slice: how many, and from which offset to which. */
export class PolicyTrace {
  readonly #applied = new Map<RecordPolicy, Map<number, Applied>>();

  /** Records of a partition come in any order. */
  add(policy: RecordPolicy, action: string, { partition, offset }: Place): void {
    this.addRange(policy, action, { partition, from: offset, to: offset + 1n, count: 1 });
  }

  /** So many records of a range. */
  addRange(policy: RecordPolicy, action: string, range: Range): void {
    const { partition, from, to, count } = range;
    const byPartition = this.#applied.get(policy) ?? new Map<number, Applied>();
    this.#applied.set(policy, byPartition);
    const applied = byPartition.get(partition);
    if (applied === undefined) {
      byPartition.set(partition, { policy, action, partition, count, from, to });
      return;
    }
    applied.count += count;
    if (from < applied.from) applied.from = from;
    if (to > applied.to) applied.to = to;
  }

  /** Of the records so far. */
  applications(): readonly PolicyApplication[] {
    return [...this.#applied.values()].flatMap((byPartition) =>
      [...byPartition.values()].map((applied) => ({ ...applied })),
    );
  }
}

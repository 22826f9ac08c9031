import type { PolicyApplication, RecordPolicy } from '#shared/domain/task.ts';

type Applied = { -readonly [K in keyof PolicyApplication]: PolicyApplication[K] };

/** Where a record stands. */
type Place = { readonly partition: number; readonly offset: bigint };

/** Collects what policies did to the records of a slice: how many, and from which offset to which. */
export class PolicyTrace {
  readonly #applied = new Map<RecordPolicy, Map<number, Applied>>();

  /** Records of a partition come in any order. */
  add(policy: RecordPolicy, action: string, { partition, offset }: Place): void {
    const byPartition = this.#applied.get(policy) ?? new Map<number, Applied>();
    this.#applied.set(policy, byPartition);
    const applied = byPartition.get(partition);
    const after = offset + 1n;
    if (applied === undefined) {
      byPartition.set(partition, { policy, action, partition, count: 1, from: offset, to: after });
      return;
    }
    applied.count += 1;
    if (offset < applied.from) applied.from = offset;
    if (after > applied.to) applied.to = after;
  }

  /** Of the records so far. */
  applications(): readonly PolicyApplication[] {
    return [...this.#applied.values()].flatMap((byPartition) =>
      [...byPartition.values()].map((applied) => ({ ...applied })),
    );
  }
}

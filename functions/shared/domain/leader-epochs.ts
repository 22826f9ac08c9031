import type { OffsetMap } from './offsets.ts';

/**
 * Partition number to a leader epoch (KIP-320): the number that Kafka gave to the leader which wrote the record before
 * an offset, where that is known. Whoever goes on from the offset tells it to the broker, which then says when its log
 * has another record there.
 */
export type LeaderEpochs = ReadonlyMap<number, number>;

/** Those of some partitions, or `undefined` when none of them is known, so that nothing need be stored. */
export function epochsOf(
  epochs: LeaderEpochs | undefined,
  partitions: Iterable<number>,
): LeaderEpochs | undefined {
  const some = new Map<number, number>();
  for (const partition of partitions) {
    const epoch = epochs?.get(partition);
    if (epoch !== undefined) some.set(partition, epoch);
  }
  return unlessEmpty(some);
}

/**
 * A lane's epochs once it stands at a decision's ends. Of a partition in the decision only what the decision says is
 * known: an epoch that belongs to an earlier offset would make a sound log look like another one.
 */
export function movedEpochs(
  epochs: LeaderEpochs | undefined,
  { to, epochs: read }: { readonly to: OffsetMap; readonly epochs?: LeaderEpochs | undefined },
): LeaderEpochs | undefined {
  return unlessEmpty(new Map([...withoutAll(epochs, to.keys()), ...(read ?? [])]));
}

/** The others, or `undefined` when none is left. */
export function epochsWithout(
  epochs: LeaderEpochs | undefined,
  partitions: Iterable<number>,
): LeaderEpochs | undefined {
  return unlessEmpty(withoutAll(epochs, partitions));
}

function withoutAll(
  epochs: LeaderEpochs | undefined,
  partitions: Iterable<number>,
): Map<number, number> {
  const left = new Map(epochs);
  for (const partition of partitions) left.delete(partition);
  return left;
}

function unlessEmpty(epochs: LeaderEpochs): LeaderEpochs | undefined {
  return epochs.size > 0 ? epochs : undefined;
}

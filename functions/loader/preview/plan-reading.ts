import type { OffsetRange, Slice } from '#shared/domain/offsets.ts';

/** Which records of a topic are looked at: decided from the ends of its log alone. */

/** Where a partition is looked at. */
export interface LogPart extends OffsetRange {
  /** Its first records, or its last ones. */
  readonly side: 'first' | 'last';
}

/** The same, with how many records are wanted of it. */
export interface WantedPart extends LogPart {
  readonly count: number;
}

/**
 * Divides `most` records over the partitions: as evenly as they have offsets, and all of `most` where they have as many.
 * Those that get none are left out.
 */
export function planReading(
  parts: ReadonlyMap<number, LogPart>,
  most: number,
): Map<number, WantedPart> {
  const given = new Map<number, number>();
  let left = most;
  let open = [...parts].filter(([, { from, to }]) => to > from);
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length));
    for (const [partition, { from, to }] of open) {
      const has = given.get(partition) ?? 0;
      const take = Math.min(share, left, Number(to - from) - has);
      if (take > 0) given.set(partition, has + take);
      left -= take;
    }
    open = open.filter(
      ([partition, { from, to }]) => BigInt(given.get(partition) ?? 0) < to - from,
    );
  }
  return new Map(
    [...parts].flatMap(([partition, part]) => {
      const count = given.get(partition);
      return count === undefined ? [] : [[partition, { ...part, count }]];
    }),
  );
}

/** Offsets to look at for a number of records: compaction and transactions leave holes. */
export interface Reach {
  readonly factor: bigint;
  readonly more: bigint;
}

/** The ranges that are read, `reach` far from the side that is wanted. */
export function sliceOf(parts: ReadonlyMap<number, WantedPart>, reach: Reach): Slice {
  return new Map(
    [...parts].map(([partition, { side, from, to, count }]) => {
      const length = BigInt(count) * reach.factor + reach.more;
      if (to - from <= length) return [partition, { from, to }];
      return [
        partition,
        side === 'first' ? { from, to: from + length } : { from: to - length, to },
      ];
    }),
  );
}

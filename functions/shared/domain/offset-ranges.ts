import type { OffsetRange, Slice } from './offsets.ts';

/** Several ranges per partition: in their order, and none that touches another. */
export type OffsetRanges = ReadonlyMap<number, readonly OffsetRange[]>;

/** Ranges in any order as such; those that touch or overlap become one. */
export function mergeRanges(ranges: Iterable<readonly [number, OffsetRange]>): OffsetRanges {
  const byPartition = new Map<number, OffsetRange[]>();
  for (const [partition, range] of ranges) {
    const known = byPartition.get(partition);
    if (known) known.push(range);
    else byPartition.set(partition, [range]);
  }
  return new Map([...byPartition].map(([partition, each]) => [partition, merged(each)]));
}

function merged(ranges: OffsetRange[]): OffsetRange[] {
  const result: OffsetRange[] = [];
  for (const { from, to } of ranges.sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = result.at(-1);
    if (last === undefined || from > last.to) result.push({ from, to });
    else if (to > last.to) result[result.length - 1] = { from: last.from, to };
  }
  return result;
}

/** All ranges one by one, with their partitions. */
export function* eachRange(ranges: OffsetRanges): Generator<readonly [number, OffsetRange]> {
  for (const [partition, each] of ranges) for (const range of each) yield [partition, range];
}

/** Per partition from the first offset to the last; others lie between them. */
export function hullOf(ranges: OffsetRanges): Slice {
  const hull = new Map<number, OffsetRange>();
  for (const [partition, each] of ranges) {
    const [first] = each;
    const last = each.at(-1);
    if (first && last) hull.set(partition, { from: first.from, to: last.to });
  }
  return hull;
}

/**
 * Reading over so many offsets that nobody asked for costs about as much as a turn of its own to what lies behind
 * them: some megabytes, or one fetch.
 */
export const WORTH_READING_OVER = 10_000n;

/** What is read to have all of them: ranges that are near each other, with what lies between them. */
export function spansOf(ranges: OffsetRanges): OffsetRanges {
  const spans = new Map<number, OffsetRange[]>();
  for (const [partition, { from, to }] of eachRange(ranges)) {
    const known = spans.get(partition) ?? [];
    const last = known.at(-1);
    if (last && from - last.to <= WORTH_READING_OVER)
      known[known.length - 1] = { from: last.from, to };
    else known.push({ from, to });
    spans.set(partition, known);
  }
  return spans;
}

/** How many offsets they hold. */
export function countOffsets(ranges: OffsetRanges): number {
  let count = 0n;
  for (const [, { from, to }] of eachRange(ranges)) count += to - from;
  return Number(count);
}

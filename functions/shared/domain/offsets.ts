/**
 * Kafka offsets are 64-bit and JavaScript numbers are not: offsets are `bigint` in memory and decimal
 * strings wherever they are stored or sent.
 */

/** Partition number to an offset, e.g. the next offset to load. */
export type OffsetMap = ReadonlyMap<number, bigint>;

/** Half-open: `from` is loaded, `to` is not. */
export interface OffsetRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** The work of one task: per partition a range that was fixed before anything was read. */
export type Slice = ReadonlyMap<number, OffsetRange>;

/** Offsets that a slice spans, holes included. */
export function sliceLength(slice: Slice): bigint {
  let length = 0n;
  for (const range of slice.values()) length += range.to - range.from;
  return length;
}

/** A slice's ends as an offset map. */
export function sliceEnds(slice: Slice): OffsetMap {
  return new Map([...slice].map(([partition, range]) => [partition, range.to]));
}

/** `base` with the entries of `over` laid over it. */
export function overlay(base: OffsetMap, over: OffsetMap): OffsetMap {
  return new Map([...base, ...over]);
}

/** End minus next per partition, never below zero; partitions with no known end are left out. */
export function lagOf(next: OffsetMap, ends: OffsetMap): OffsetMap {
  const lag = new Map<number, bigint>();
  for (const [partition, offset] of next) {
    const end = ends.get(partition);
    if (end !== undefined) lag.set(partition, end > offset ? end - offset : 0n);
  }
  return lag;
}

/** Sum of all values. */
export function total(offsets: OffsetMap): bigint {
  let sum = 0n;
  for (const offset of offsets.values()) sum += offset;
  return sum;
}

import * as z from 'zod';
import type { LoadStart } from '../domain/lane.ts';
import type { OffsetMap, Slice } from '../domain/offsets.ts';
import type { PartitionCounts } from '../domain/task.ts';
import type { Item } from './tables.ts';

/** How maps by partition are stored: partition numbers as attribute names, offsets as decimal strings. */

const offset = z.string().regex(/^-?\d{1,19}$/);
const partition = z.string().regex(/^\d{1,7}$/);
const count = z.number();

/** `{"0": "1200"}` as an {@link OffsetMap}. */
export const storedOffsets = z
  .record(partition, offset)
  .transform((stored): OffsetMap => byPartition(stored, BigInt));

/** `{"0": ["1200", "1500"]}` as a {@link Slice}. */
export const storedSlice = z
  .record(partition, z.tuple([offset, offset]))
  .transform(
    (stored): Slice =>
      byPartition(stored, ([from, to]) => ({ from: BigInt(from), to: BigInt(to) })),
  );

/** `{"3": {"at": 1790000000000, "offsets": {"0": "1200"}}}`, by generation, as {@link LoadStart}s by partition. */
export const storedStarts = z
  .record(z.string().regex(/^\d{1,9}$/), z.strictObject({ at: z.number(), offsets: storedOffsets }))
  .transform((stored): ReadonlyMap<number, LoadStart> => {
    const starts = new Map<number, LoadStart>();
    for (const [generation, { at, offsets }] of Object.entries(stored)) {
      for (const [number, offset] of offsets) {
        starts.set(number, { offset, generation: Number(generation), at });
      }
    }
    return starts;
  });

/** `{"0": [rows, rejected, skipped, filtered]}` as counts by partition. */
export const storedCounts = z
  .record(partition, z.tuple([count, count, count, count]))
  .transform(
    (stored): ReadonlyMap<number, PartitionCounts> =>
      byPartition(stored, ([rows, rejected, skipped, filtered]) => ({
        rows,
        filtered,
        rejected,
        skipped,
      })),
  );

/** An {@link OffsetMap} as it is stored, and as the API shows it. */
export function storeOffsets(offsets: OffsetMap): Record<string, string> {
  return byName(offsets, String);
}

/** A {@link Slice} as it is stored. */
export function storeSlice(slice: Slice): Record<string, [string, string]> {
  return byName(slice, ({ from, to }) => [String(from), String(to)]);
}

/** Starts as they are stored: by generation, of which there are few, so that it is not repeated for each partition. */
export function storeStarts(starts: ReadonlyMap<number, LoadStart>): Item {
  const stored: Record<string, { at: number; offsets: Record<string, string> }> = {};
  for (const [number, { offset, generation, at }] of starts) {
    stored[generation] ??= { at, offsets: {} };
    stored[generation].offsets[number] = String(offset);
  }
  return stored;
}

/** Counts by partition as they are stored. */
export function storeCounts(
  counts: ReadonlyMap<number, PartitionCounts>,
): Record<string, [number, number, number, number]> {
  return byName(counts, ({ rows, filtered, rejected, skipped }) => [
    rows,
    rejected,
    skipped,
    filtered,
  ]);
}

function byPartition<A, B>(stored: Readonly<Record<string, A>>, decode: (value: A) => B) {
  const map = new Map<number, B>();
  for (const [name, value] of Object.entries(stored)) map.set(Number(name), decode(value));
  return map;
}

function byName<A, B>(map: ReadonlyMap<number, A>, encode: (value: A) => B): Record<string, B> {
  const stored: Record<string, B> = {};
  for (const [name, value] of map) stored[name] = encode(value);
  return stored;
}

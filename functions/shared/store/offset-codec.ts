import * as z from 'zod';
import type { LoadStart } from '../domain/lane.ts';
import type { OffsetRanges } from '../domain/offset-ranges.ts';
import type { OffsetMap, OffsetRange, Slice } from '../domain/offsets.ts';
import type { PartitionCounts } from '../domain/task.ts';
import { isPlainObject } from './compact.ts';
import { rangesInText, textOfRanges } from './range-text.ts';
import type { Item } from './tables.ts';

/** How maps by partition are stored: partition numbers as attribute names, offsets as decimal strings. */

const OFFSET = /^-?\d{1,19}$/;
const PARTITION = /^\d{1,7}$/;

/** `{"0": "1200"}` as an {@link OffsetMap}. */
export const storedOffsets = byPartition(decodeOffset);

/** `{"0": ["1200", "1500"]}` as a {@link Slice}. */
export const storedSlice = byPartition((value): OffsetRange | undefined => {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const from = decodeOffset(value[0]);
  const to = decodeOffset(value[1]);
  return from === undefined || to === undefined ? undefined : { from, to };
});

/** `{"0": "1200,4+3"}` as {@link OffsetRanges}. */
export const storedRanges = byPartition((value): readonly OffsetRange[] | undefined =>
  typeof value === 'string' ? rangesInText(value) : undefined,
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
export const storedCounts = byPartition((value): PartitionCounts | undefined => {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  if (!value.every((count) => typeof count === 'number')) return undefined;
  const [rows, rejected, skipped, filtered] = value as [number, number, number, number];
  return { rows, filtered, rejected, skipped };
});

/** An {@link OffsetMap} as it is stored, and as the API shows it. */
export function storeOffsets(offsets: OffsetMap): Record<string, string> {
  return byName(offsets, String);
}

/** A {@link Slice} as it is stored. */
export function storeSlice(slice: Slice): Record<string, [string, string]> {
  return byName(slice, ({ from, to }) => [String(from), String(to)]);
}

/** {@link OffsetRanges} as they are stored. */
export function storeRanges(ranges: OffsetRanges): Record<string, string> {
  return byName(ranges, textOfRanges);
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

function decodeOffset(value: unknown): bigint | undefined {
  return typeof value === 'string' && OFFSET.test(value) ? BigInt(value) : undefined;
}

/**
 * A schema of a map by partition. One loop instead of a schema per entry: a lane holds up to thousands of
 * partitions, and is read several times for each of its tasks.
 *
 * @param decode gives nothing for a value that is not one
 */
function byPartition<A>(decode: (value: unknown) => A | undefined) {
  return z.unknown().transform((stored, context): ReadonlyMap<number, A> => {
    const map = new Map<number, A>();
    if (!isPlainObject(stored)) {
      context.addIssue({ code: 'custom', message: 'must be a map by partition' });
      return z.NEVER;
    }
    for (const [name, value] of Object.entries(stored)) {
      const decoded = PARTITION.test(name) ? decode(value) : undefined;
      if (decoded === undefined) {
        context.addIssue({ code: 'custom', path: [name], message: 'is not stored like that' });
        return z.NEVER;
      }
      map.set(Number(name), decoded);
    }
    return map;
  });
}

function byName<A, B>(map: ReadonlyMap<number, A>, encode: (value: A) => B): Record<string, B> {
  const stored: Record<string, B> = {};
  for (const [name, value] of map) stored[name] = encode(value);
  return stored;
}

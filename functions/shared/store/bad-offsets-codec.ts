import * as z from 'zod';
import type { BadOffsets } from '../domain/bad-offsets.ts';
import { compact } from './compact.ts';
import { storedRanges, storeRanges } from './offset-codec.ts';
import type { Item } from './tables.ts';

/** {@link BadOffsets} as they stand in a decision and in a record of dead letters. */
export const storedBadOffsets = z.strictObject({
  topicId: z.string().optional(),
  known: storedRanges,
  notListed: z.number(),
  notKept: z.number(),
});

/** Bad offsets as they are stored. */
export function storeBadOffsets(bad: BadOffsets): Item {
  return compact({ ...bad, known: storeRanges(bad.known) });
}

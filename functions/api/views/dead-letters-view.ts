import * as z from 'zod';
import type { DeadLetters } from '#shared/domain/redrive.ts';
import type { ShownPage } from '../filtered-page.ts';
import { byPartition, count, cursorView, mapPartitions, offset, time, viewTime } from './parts.ts';

/** A page of dead letters that wait, newest first, one entry per task that left some. */
export const deadLettersView = z.strictObject({
  deadLetters: z.array(
    z.strictObject({
      task: z.string(),
      /** In the table's directory, or as `s3://bucket/key`; absent where a redrive reads them from the topic again. */
      location: z.string().optional(),
      /** Those that a redrive loads again. */
      rows: count,
      /** Bad rows of the same task that it cannot: the destination does not say which they are. */
      notListed: count,
      /** Bad rows of the same task that it cannot: there were too many to remember. */
      notKept: count,
      at: time,
      /** The offsets that they come from; other records lie between them. */
      partitions: byPartition(z.strictObject({ from: offset, to: offset })),
      /** They were loaded again before, and were bad again. */
      again: z.boolean(),
    }),
  ),
  cursor: cursorView,
});

/** Dead letters as they are sent. */
export function viewDeadLetters({
  items,
  cursor,
}: ShownPage<DeadLetters>): z.input<typeof deadLettersView> {
  return {
    deadLetters: items.map(({ taskId, location, badOffsets, rows, at, slice, request }) => ({
      task: taskId,
      location,
      rows,
      notListed: badOffsets?.notListed ?? 0,
      notKept: badOffsets?.notKept ?? 0,
      at: viewTime(at),
      partitions: mapPartitions(slice, ({ from, to }) => ({ from: String(from), to: String(to) })),
      again: request !== undefined,
    })),
    cursor,
  };
}

import * as z from 'zod';
import { FAILURE_CODES } from '#shared/domain/failure.ts';
import { REASON_CODES, type Reason } from '#shared/domain/job-state.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import type { TaskError } from '#shared/domain/task.ts';

/** What several views are made of. Times are ISO 8601 in UTC; offsets and their sums are decimal strings. */

export const time = z.iso.datetime();
export const offset = z.string().regex(/^-?\d+$/);
export const count = z.int().min(0);

/** Partition numbers to something. */
export function byPartition<S extends z.ZodType>(schema: S) {
  return z.record(z.string().regex(/^\d+$/), schema);
}

export const reasonView = z.strictObject({
  code: z.enum(REASON_CODES),
  message: z.string(),
  at: time,
});

export const errorView = z.strictObject({
  code: z.enum(FAILURE_CODES),
  message: z.string(),
  at: time,
  attempt: count,
});

/** Where the next page begins; absent at the end. */
export const cursorView = z.string().optional();

/** Epoch ms as a time. */
export function viewTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A time that may be absent. */
export function viewOptionalTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : viewTime(ms);
}

/** A reason, or a note. */
export function viewReason({ code, message, at }: Reason): z.input<typeof reasonView> {
  return { code, message, at: viewTime(at) };
}

/** Why an attempt failed. */
export function viewError({ code, message, at, attempt }: TaskError): z.input<typeof errorView> {
  return { code, message, at: viewTime(at), attempt };
}

/** Offsets by partition. */
export function viewOffsets(offsets: OffsetMap): Record<string, string> {
  return mapPartitions(offsets, String);
}

/** A map by partition as an object. */
export function mapPartitions<T, V>(map: ReadonlyMap<number, T>, view: (value: T) => V) {
  return Object.fromEntries([...map].map(([partition, value]) => [String(partition), view(value)]));
}

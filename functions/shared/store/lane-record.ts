import * as z from 'zod';
import type { Lane } from '../domain/lane.ts';
import { compact } from './compact.ts';
import { decodeOnce } from './decode-once.ts';
import { storedEpochs, storeEpochs } from './epoch-codec.ts';
import { RECORD_VERSION } from './job-record.ts';
import { storedOffsets, storedStarts, storeOffsets, storeStarts } from './offset-codec.ts';
import type { Item, Key } from './tables.ts';

/** Lanes as items of the Jobs table, beside their job. */

/** What the sort keys of all lanes of a job begin with. */
export const LANE_PREFIX = 'LANE#';

/** Key of a lane. Numbers are padded, so that lanes sort by generation and index. */
export function laneKey(jobId: string, generation: number, index: number): Key {
  const sk = `${LANE_PREFIX}${String(generation).padStart(6, '0')}#${String(index).padStart(4, '0')}`;
  return { table: 'jobs', pk: `JOB#${jobId}`, sk };
}

const laneRecord = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  jobId: z.string(),
  generation: z.number(),
  index: z.number(),
  next: storedOffsets,
  start: storedStarts,
  until: storedOffsets.optional(),
  epochs: storedEpochs.optional(),
  ends: storedOffsets,
  taskId: z.string().optional(),
  revision: z.number(),
  errorWindow: z.strictObject({ rows: z.number(), bad: z.number() }),
  rows: z.number(),
  extraRows: z.number().optional(),
  bytes: z.number(),
  rejected: z.number(),
  skipped: z.number(),
  filtered: z.number(),
  tasks: z.number(),
  plannedAt: z.number().optional(),
  committedAt: z.number().optional(),
  createdAt: z.number(),
});

/** A stored lane. @throws {z.ZodError} when the item is not one */
export const decodeLane = decodeOnce((item): Lane => {
  const { v, pk, sk, ...lane } = laneRecord.parse(item);
  return lane;
});

/** A lane as its item. */
export function encodeLane(lane: Lane): Item {
  const key = laneKey(lane.jobId, lane.generation, lane.index);
  return compact({
    v: RECORD_VERSION,
    pk: key.pk,
    sk: key.sk,
    ...lane,
    next: storeOffsets(lane.next),
    start: storeStarts(lane.start),
    ends: storeOffsets(lane.ends),
    until: lane.until && storeOffsets(lane.until),
    epochs: lane.epochs && storeEpochs(lane.epochs),
  });
}

import * as z from 'zod';
import { FAILURE_CODES } from '../domain/failure.ts';
import { type Decision, TASK_STATUSES, type Task } from '../domain/task.ts';
import { storeBadOffsets, storedBadOffsets } from './bad-offsets-codec.ts';
import { compact } from './compact.ts';
import { decodeOnce } from './decode-once.ts';
import { storedEpochs, storeEpochs } from './epoch-codec.ts';
import { RECORD_VERSION, shardOf } from './job-record.ts';
import {
  storeCounts,
  storedCounts,
  storedOffsets,
  storedSlice,
  storeOffsets,
  storeSlice,
} from './offset-codec.ts';
import { storedPolicies, storePolicies } from './policy-codec.ts';
import type { Item, Key } from './tables.ts';

/** Tasks as items of the Tasks table. */

/** The hash values of the index `live`. */
export const LIVE_SHARDS: readonly string[] = Array.from({ length: 8 }, (_, i) => `L${i}`);

/** Key of a task. */
export function taskKey(jobId: string, taskId: string): Key {
  return { table: 'tasks', pk: jobId, sk: taskId };
}

const decisionRecord = z.strictObject({
  attempt: z.number(),
  handle: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  to: storedOffsets,
  epochs: storedEpochs.optional(),
  deadLetters: z.string().optional(),
  badOffsets: storedBadOffsets.optional(),
  lost: z.strictObject({ notListed: z.number(), notKept: z.number(), gone: z.number() }).optional(),
  statistics: z.strictObject({
    counts: storedCounts,
    elements: z.number().optional(),
    bytes: z.number(),
    writtenBytes: z.number(),
    badRows: z.array(
      z.strictObject({
        partition: z.number().optional(),
        offset: z.string().optional(),
        column: z.string().optional(),
        reason: z.string(),
        excerpt: z.string(),
      }),
    ),
    // Absent in what was written before there were any.
    policies: storedPolicies.default([]),
  }),
  at: z.number(),
});

const taskRecord = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  liveShard: z.string().optional(),
  expiresAt: z.number().optional(),
  lane: z.number(),
  generation: z.number(),
  laneRevision: z.number(),
  specVersion: z.number(),
  slice: storedSlice,
  epochs: storedEpochs.optional(),
  redrive: z
    .strictObject({
      request: z.string(),
      letters: z.array(z.strictObject({ taskId: z.string(), location: z.string().optional() })),
    })
    .optional(),
  status: z.enum(TASK_STATUSES),
  attempt: z.number(),
  failures: z.number(),
  owner: z.string().optional(),
  leaseUntil: z.number().optional(),
  notBefore: z.number().optional(),
  offeredAt: z.number(),
  offers: z.number(),
  decision: decisionRecord.optional(),
  error: z
    .strictObject({
      code: z.enum(FAILURE_CODES),
      message: z.string(),
      at: z.number(),
      attempt: z.number(),
    })
    .optional(),
  createdAt: z.number(),
  finishedAt: z.number().optional(),
});

/** A stored task. @throws {z.ZodError} when the item is not one */
export const decodeTask = decodeOnce((item): Task => {
  const { v, pk, sk, liveShard, expiresAt, ...task } = taskRecord.parse(item);
  return { jobId: pk, id: sk, ...task };
});

/** A new task as its item; it is live, so it stands in the index `live`. */
export function encodeNewTask(task: Task): Item {
  const { jobId, id, ...fields } = task;
  return compact({
    v: RECORD_VERSION,
    pk: jobId,
    sk: id,
    liveShard: LIVE_SHARDS[shardOf(id)],
    ...fields,
    slice: storeSlice(task.slice),
    epochs: task.epochs && storeEpochs(task.epochs),
    decision: task.decision && encodeDecision(task.decision),
  });
}

/** A decision as it stands in its task's item. */
export function encodeDecision(decision: Decision): Item {
  return compact({
    ...decision,
    to: storeOffsets(decision.to),
    epochs: decision.epochs && storeEpochs(decision.epochs),
    badOffsets: decision.badOffsets && storeBadOffsets(decision.badOffsets),
    statistics: {
      ...decision.statistics,
      counts: storeCounts(decision.statistics.counts),
      badRows: decision.statistics.badRows.map(compact),
      policies: storePolicies(decision.statistics.policies),
    },
  });
}

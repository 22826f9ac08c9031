import * as z from 'zod';
import { type BadOffsets, bytesToRead } from '../domain/bad-offsets.ts';
import { LoadFailure } from '../domain/failure.ts';
import { hullOf } from '../domain/offset-ranges.ts';
import {
  type DeadLetters,
  isWanted,
  MOST_PER_TASK,
  type RedriveRequest,
} from '../domain/redrive.ts';
import { type Decision, type Task, totalCounts } from '../domain/task.ts';
import { storeBadOffsets, storedBadOffsets } from './bad-offsets-codec.ts';
import { compact } from './compact.ts';
import { jobKey, RECORD_VERSION } from './job-record.ts';
import { storedSlice, storeSlice } from './offset-codec.ts';
import type { Item, Key, Tables, Write } from './tables.ts';

/** Dead letters that wait, as items of the Jobs table beside their job: one per task that left some. */

const PREFIX = 'LETTERS#';

/** Key of the record of what a task left; tasks are ULIDs, so that records sort by time. */
function deadLettersKey(jobId: string, taskId: string): Key {
  return { table: 'jobs', pk: jobKey(jobId).pk, sk: `${PREFIX}${taskId}` };
}

const record = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  jobId: z.string(),
  taskId: z.string(),
  location: z.string().optional(),
  badOffsets: storedBadOffsets.optional(),
  rows: z.number(),
  bytes: z.number(),
  slice: storedSlice,
  request: z.string().optional(),
  at: z.number(),
});

function decode(item: Item): DeadLetters {
  const { v, pk, sk, ...letters } = record.parse(item);
  return letters;
}

/** A page of what a job's tasks left, oldest first unless asked otherwise. Strongly consistent. */
export async function listDeadLetters(
  tables: Tables,
  jobId: string,
  options: {
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly newestFirst?: boolean | undefined;
  },
): Promise<{ letters: DeadLetters[]; cursor?: string | undefined }> {
  const page = await tables.query('jobs', jobKey(jobId).pk, {
    skPrefix: PREFIX,
    limit: options.limit,
    ...(options.newestFirst && { newestFirst: true }),
    ...(options.cursor && { cursor: options.cursor }),
  });
  return { letters: page.items.map(decode), cursor: page.cursor };
}

/** Records per read. */
const PAGE = 100;

/** The oldest dead letters that a request still means, at least as many as one task takes where there are. */
export async function wantedDeadLetters(
  tables: Tables,
  jobId: string,
  request: RedriveRequest,
): Promise<DeadLetters[]> {
  const wanted: DeadLetters[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDeadLetters(tables, jobId, { limit: PAGE, cursor });
    wanted.push(...page.letters.filter((letters) => isWanted(letters, request)));
    const isBehind = page.letters.some(({ taskId }) => taskId > request.upTo);
    cursor = isBehind || wanted.length >= MOST_PER_TASK ? undefined : page.cursor;
  } while (cursor);
  return wanted;
}

/**
 * The bad records that a task is to read from the topic again. Nobody but the end of this very task deletes their
 * records, so they are as they were when it was planned.
 *
 * @throws {LoadFailure} DEAD_LETTERS_UNAVAILABLE when a record is gone
 */
export async function badOffsetsFor(
  tables: Tables,
  { jobId, redrive }: Pick<Task, 'jobId' | 'redrive'>,
): Promise<BadOffsets[]> {
  const inTopic = redrive?.letters.filter(({ location }) => location === undefined) ?? [];
  const items = await Promise.all(
    inTopic.map(async ({ taskId }) => {
      const item = await tables.get(deadLettersKey(jobId, taskId));
      const letters = item && decode(item).badOffsets;
      if (letters !== undefined) return letters;
      throw new LoadFailure(
        'DEAD_LETTERS_UNAVAILABLE',
        `the record of the bad rows of task ${taskId} is gone`,
      );
    }),
  );
  return items;
}

/**
 * What the end of a task does to records of dead letters: those that it loaded again go, and its own come. For
 * the transaction that makes the task DONE.
 */
export function deadLettersOf(task: Task, now: number): Write[] {
  const { jobId, decision } = task;
  const writes: Write[] = (task.redrive?.letters ?? []).map(({ taskId }) => ({
    kind: 'delete',
    key: deadLettersKey(jobId, taskId),
    condition: [{ attribute: 'pk', is: 'present' }],
  }));
  const left = decision && lettersIn(task, decision);
  if (left === undefined) return writes;
  const key = deadLettersKey(jobId, task.id);
  const kept: DeadLetters = {
    jobId,
    taskId: task.id,
    ...left,
    request: task.redrive?.request,
    at: now,
  };
  writes.push({
    kind: 'put',
    key,
    item: compact({
      v: RECORD_VERSION,
      pk: key.pk,
      sk: key.sk,
      ...kept,
      slice: storeSlice(kept.slice),
      badOffsets: kept.badOffsets && storeBadOffsets(kept.badOffsets),
    }),
    condition: [{ attribute: 'pk', is: 'absent' }],
  });
  return writes;
}

type Left = Pick<DeadLetters, 'location' | 'badOffsets' | 'rows' | 'bytes' | 'slice'>;

function lettersIn(task: Task, decision: Decision): Left | undefined {
  const { deadLetters: location, badOffsets } = decision;
  const { counts, bytes } = decision.statistics;
  const all = totalCounts(counts);
  const recordBytes = bytes / Math.max(1, all.rows + all.filtered + all.rejected + all.skipped);
  if (location !== undefined) {
    const share = Math.ceil(recordBytes * all.rejected);
    return { location, rows: all.rejected, bytes: share, slice: rangesOf(task) };
  }
  if (badOffsets === undefined) return undefined;
  const { known, notListed, notKept } = badOffsets;
  return {
    badOffsets,
    rows: all.rejected - notListed - notKept,
    bytes: bytesToRead(badOffsets, recordBytes),
    slice: notListed + notKept > 0 ? rangesOf(task) : hullOf(known),
  };
}

/** Where the bad rows come from: what was read of the partitions that have some. */
function rangesOf({ slice, decision }: Task): DeadLetters['slice'] {
  const ranges = new Map<number, { from: bigint; to: bigint }>();
  for (const [partition, { rejected }] of decision?.statistics.counts ?? []) {
    const range = slice.get(partition);
    if (rejected === 0 || range === undefined) continue;
    ranges.set(partition, { from: range.from, to: decision?.to.get(partition) ?? range.to });
  }
  return ranges;
}

/** That dead letters still wait: for the transaction that plans a task for them. */
export function stillWaits(jobId: string, taskId: string): Write {
  return {
    kind: 'check',
    key: deadLettersKey(jobId, taskId),
    condition: [{ attribute: 'pk', is: 'present' }],
  };
}

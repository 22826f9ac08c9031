import * as z from 'zod';
import type { Task } from '../domain/task.ts';
import { RECORD_VERSION } from './job-record.ts';
import { settleTransaction, settleWrite } from './settle.ts';
import { type Item, type Key, OutcomeUnknown, type Tables } from './tables.ts';
import { taskKey } from './task-record.ts';

/**
 * Attempts that may have left something in a sink which cannot list it: one record per task, so that a later loader
 * knows their labels.
 *
 * - A record names only attempts that have not decided and never can. It is written by whoever holds the task,
 *   while there is no decision; it names those before, whom the attempt number shuts out, or all of them right before
 *   the task is cancelled. A zombie writes none, so that the record never names fewer than it did.
 * - Repeated or late, the same record is written. It is deleted only as it was read.
 * - They stand in the Tasks table, which forgets by itself, under a pk that no job has, with no status and no shard: no
 *   list of tasks, no loader and no index gets to see them.
 */

function leftKey(jobId: string, taskId: string): Key {
  return { table: 'tasks', pk: `LEFT#${jobId}`, sk: taskId };
}

const record = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  jobId: z.string(),
  attempts: z.number(),
  at: z.number(),
  expiresAt: z.number(),
});

/** The attempts 1 to `attempts` of a task, and when (epoch ms) they were noted: none of them was claimed later. */
export interface LeftAttempts {
  readonly jobId: string;
  readonly taskId: string;
  readonly attempts: number;
  readonly at: number;
}

function decode(item: Item): LeftAttempts {
  const { jobId, sk: taskId, attempts, at } = record.parse(item);
  return { jobId, taskId, attempts, at };
}

const DAY_SECONDS = 86_400;

/** Records per sweep of a job, oldest tasks first. */
const MOST_AT_ONCE = 100;

/**
 * Notes the attempts of a task that is as it was read and has no decision.
 *
 * @returns whether the record stands; `false` when somebody else has the task by now, or has decided
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function noteLeftAttempts(
  tables: Tables,
  task: Task,
  note: {
    readonly attempts: number;
    readonly now: number;
    readonly token: string;
    readonly retentionDays: number;
  },
): Promise<boolean> {
  const { attempts, now: at, token, retentionDays } = note;
  const key = leftKey(task.jobId, task.id);
  const item: Item = {
    v: RECORD_VERSION,
    pk: key.pk,
    sk: key.sk,
    jobId: task.jobId,
    attempts,
    at,
    expiresAt: Math.floor(at / 1000) + retentionDays * DAY_SECONDS,
  };
  return settleTransaction(
    tables,
    [
      { kind: 'put', key, item, condition: [] },
      {
        kind: 'check',
        key: taskKey(task.jobId, task.id),
        condition: [
          { attribute: 'status', is: 'equal', value: task.status },
          { attribute: 'attempt', is: 'equal', value: task.attempt },
          { attribute: 'decision', is: 'absent' },
        ],
      },
    ],
    {
      token,
      mine: async () => {
        const stands = await tables.get(key);
        return stands?.attempts === attempts && stands.at === at;
      },
    },
  );
}

/** What is noted for a job, oldest tasks first; strongly consistent, one read. */
export async function listLeftAttempts(tables: Tables, jobId: string): Promise<LeftAttempts[]> {
  const { items } = await tables.query('tasks', leftKey(jobId, '').pk, { limit: MOST_AT_ONCE });
  return items.map(decode);
}

/**
 * Deletes a record, unless it is another one by now. One of which the store does not say whether it is gone is
 * found again by the next loader, if it is there.
 */
export async function forgetLeftAttempts(tables: Tables, left: LeftAttempts): Promise<void> {
  try {
    await settleWrite(
      tables,
      {
        kind: 'delete',
        key: leftKey(left.jobId, left.taskId),
        condition: [
          { attribute: 'attempts', is: 'equal', value: left.attempts },
          { attribute: 'at', is: 'equal', value: left.at },
        ],
      },
      () => false,
    );
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
  }
}

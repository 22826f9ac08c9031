import type { Task, TaskError } from '../domain/task.ts';
import { settleWrite } from './settle.ts';
import type { Condition, Tables } from './tables.ts';
import { taskKey } from './task-record.ts';
import { fence } from './tasks.ts';

/** Tasks that are offered once more: by the attempt that gives up, or by a cycle that finds nobody at work. */

/** RUNNING back to PENDING after a failure that can pass; keeps a decision. @returns whether it was ours to give back */
export function releaseTask(
  tables: Tables,
  task: Task,
  release: { readonly error: TaskError; readonly notBefore: number },
): Promise<boolean> {
  const { error, notBefore } = release;
  return offerAgain(tables, task, { error, at: error.at, notBefore });
}

/** RUNNING, with a lease that ran out, back to PENDING. The old runner's number is no longer good for anything. */
export function reofferLostTask(
  tables: Tables,
  task: Task,
  options: { readonly error: TaskError; readonly now: number },
): Promise<boolean> {
  const { error, now } = options;
  // Renewed since it was read: it is not lost.
  const lease = { attribute: 'leaseUntil', is: 'equal', value: task.leaseUntil ?? 0 } as const;
  return offerAgain(tables, task, { error, at: now, further: [lease] });
}

async function offerAgain(
  tables: Tables,
  task: Task,
  offer: {
    readonly error: TaskError;
    readonly at: number;
    readonly notBefore?: number;
    readonly further?: Condition;
  },
): Promise<boolean> {
  const { error, at, notBefore, further = [] } = offer;
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: {
        status: 'PENDING',
        error: { ...error },
        ...(notBefore !== undefined && { notBefore }),
        offeredAt: at,
        failures: task.failures + 1,
      },
      add: { offers: 1 },
      remove: ['owner', 'leaseUntil'],
      condition: [...fence(task), ...further],
    },
    (item) => item.status === 'PENDING' && item.attempt === task.attempt,
  );
  return settled.won;
}

/** Makes a new stream record of a PENDING task that nobody claimed: a write that changes nothing would make none. */
export async function touchPendingTask(tables: Tables, task: Task, now: number): Promise<boolean> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: taskKey(task.jobId, task.id),
      set: { offeredAt: now, offers: task.offers + 1 },
      condition: [
        { attribute: 'status', is: 'equal', value: 'PENDING' },
        { attribute: 'offers', is: 'equal', value: task.offers },
      ],
    },
    (item) => item.status === 'PENDING' && item.offers === task.offers + 1,
  );
  return settled.won;
}

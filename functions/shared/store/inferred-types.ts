import * as z from 'zod';
import { type InferredTypes, listedTypes } from '../domain/inferred-types.ts';
import type { HistoryEntry } from '../domain/job.ts';
import type { Task } from '../domain/task.ts';
import { historyKey, jobKey, RECORD_VERSION } from './job-record.ts';
import { historyWrite } from './jobs.ts';
import { settleTransaction } from './settle.ts';
import type { Condition, Item, Key, Tables } from './tables.ts';
import { taskKey } from './task-record.ts';
import { fence } from './tasks.ts';

/**
 * Types that were inferred for a job, as an item beside it.
 *
 * - They are written once: the condition is that there are none yet, or still those that the writer found to hold no
 *   more. Of two loaders at once one is refused, and reads what stands.
 * - Only who holds a task writes them: a job is altered only while it has no task in flight, so a loader that was
 *   given up for dead cannot bring back what it read before.
 * - They come with an entry of the job's history, by which a writer that lost its answer knows its own write.
 */

function typesKey(jobId: string): Key {
  return { table: 'jobs', pk: jobKey(jobId).pk, sk: 'TYPES' };
}

const record = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  id: z.string(),
  basis: z.string(),
  types: z.array(
    z.strictObject({
      field: z.string(),
      type: z.string(),
      /** Absent: it was inferred from the values. */
      from: z.literal('schema').optional(),
    }),
  ),
  rows: z.number(),
  leftOut: z.array(z.string()),
  taskId: z.string(),
  at: z.number(),
});

function decode(item: Item): InferredTypes {
  const { v, pk, sk, types, ...inferred } = record.parse(item);
  const bySchema = types.filter(({ from }) => from === 'schema');
  return {
    ...inferred,
    types: new Map(types.map(({ field, type }) => [field, type])),
    fromSchema: new Set(bySchema.map(({ field }) => field)),
  };
}

function encode({ pk, sk }: Key, { types, fromSchema, ...inferred }: InferredTypes): Item {
  return {
    ...inferred,
    v: RECORD_VERSION,
    pk,
    sk,
    types: listedTypes({ types, fromSchema }),
  };
}

/** The types that stand for a job, for whatever basis. */
export async function readInferredTypes(
  tables: Tables,
  jobId: string,
): Promise<InferredTypes | undefined> {
  const item = await tables.get(typesKey(jobId));
  return item && decode(item);
}

/**
 * Keeps types for the job of a running task, if the task is still its attempt's.
 *
 * @param change `before`: the types that they replace; the entry's id is theirs
 * @returns whether they stand; `false` when others were faster, or the task is lost
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function keepInferredTypes(
  tables: Tables,
  task: Task,
  change: {
    readonly types: InferredTypes;
    readonly before: InferredTypes | undefined;
    readonly entry: HistoryEntry;
  },
): Promise<boolean> {
  const { types, before, entry } = change;
  const key = typesKey(task.jobId);
  const condition: Condition = before
    ? [{ attribute: 'id', is: 'equal', value: before.id }]
    : [{ attribute: 'pk', is: 'absent' }];
  return settleTransaction(
    tables,
    [
      { kind: 'put', key, item: encode(key, types), condition },
      { kind: 'check', key: taskKey(task.jobId, task.id), condition: fence(task) },
      historyWrite(task.jobId, entry),
    ],
    {
      token: entry.id,
      mine: async () => (await tables.get(historyKey(task.jobId, entry.id))) !== undefined,
    },
  );
}

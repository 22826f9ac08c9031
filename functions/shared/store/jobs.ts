import { LoadFailure } from '../domain/failure.ts';
import type { HistoryEntry, Job } from '../domain/job.ts';
import { isFinal } from '../domain/job-state.ts';
import { someAtOnce } from '../some-at-once.ts';
import {
  ACTIVE_SHARDS,
  decodeHistory,
  decodeJob,
  encodeHistory,
  encodeJob,
  historyKey,
  jobKey,
  LISTED,
  nameKey,
} from './job-record.ts';
import { settleTransaction } from './settle.ts';
import type { Tables, Write } from './tables.ts';

/**
 * Jobs in the store.
 *
 * - A job is written whole, on the condition that its change token is the one it was read with: whoever
 *   read an older state is refused.
 * - A change's new token is also the id of its history entry, written in the same transaction. A writer
 *   that lost its answer finds out by that entry, even when others have changed the job since.
 * - A name is held by an item of its own until its job is final.
 */

/** A job by id, or `undefined`. */
export async function readJob(tables: Tables, id: string): Promise<Job | undefined> {
  const item = await tables.get(jobKey(id));
  return item && decodeJob(item);
}

/** The id of the job that holds a name, if one does. */
export async function readNameHolder(tables: Tables, name: string): Promise<string | undefined> {
  const item = await tables.get(nameKey(name));
  return item && String(item.jobId);
}

/**
 * Writes a new job and takes its name.
 *
 * @returns whether it did; `false` when another job holds the name
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function insertJob(tables: Tables, job: Job, entry: HistoryEntry): Promise<boolean> {
  const absent = [{ attribute: 'pk', is: 'absent' }] as const;
  const name = nameKey(job.spec.name);
  const writes: Write[] = [
    { kind: 'put', key: jobKey(job.id), item: encodeJob(job), condition: absent },
    {
      kind: 'put',
      key: name,
      item: { pk: name.pk, sk: name.sk, jobId: job.id },
      condition: absent,
    },
    historyWrite(job.id, entry),
  ];
  return settleTransaction(tables, writes, {
    token: job.changeToken,
    mine: async () => (await tables.get(historyKey(job.id, entry.id))) !== undefined,
  });
}

/**
 * Replaces `before` by `after`, which carries a new change token, if nobody has changed the job since it
 * was read; frees its name when it has become final. With entries, the first one's id must be the new token.
 *
 * @returns whether the change took effect
 * @throws {LoadFailure} INTERNAL when the job's name differs: the item that holds the old one would be lost
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function replaceJob(
  tables: Tables,
  before: Job,
  after: Job,
  entries: HistoryEntry | readonly HistoryEntry[] = [],
): Promise<boolean> {
  if (after.spec.name !== before.spec.name) {
    throw new LoadFailure(
      'INTERNAL',
      `a job keeps its name, ${before.spec.name}, got ${after.spec.name}`,
    );
  }
  const writes: Write[] = [
    {
      kind: 'put',
      key: jobKey(after.id),
      item: encodeJob(after),
      condition: [{ attribute: 'changeToken', is: 'equal', value: before.changeToken }],
    },
  ];
  const [entry, ...further] = [entries].flat();
  if (entry) writes.push(historyWrite(after.id, entry));
  writes.push(...further.map((each) => historyWrite(after.id, each)));
  if (isFinal(after.state) && !isFinal(before.state)) {
    writes.push({
      kind: 'delete',
      key: nameKey(before.spec.name),
      condition: [{ attribute: 'jobId', is: 'equal', value: before.id }],
    });
  }
  return settleTransaction(tables, writes, {
    token: after.changeToken,
    mine: async () => {
      if (entry) return (await tables.get(historyKey(after.id, entry.id))) !== undefined;
      return (await readJob(tables, after.id))?.changeToken === after.changeToken;
    },
  });
}

/** A new entry of a job's history, to go with the change that it tells of. */
export function historyWrite(jobId: string, entry: HistoryEntry): Write {
  return {
    kind: 'put',
    key: historyKey(jobId, entry.id),
    item: encodeHistory(jobId, entry),
    condition: [{ attribute: 'pk', is: 'absent' }],
  };
}

/** Ids of the jobs that a cycle must visit now, from the index: a hint, to be checked by {@link readJob}. */
export async function findDueJobs(tables: Tables, now: number): Promise<string[]> {
  const ids: string[] = [];
  for (const shard of ACTIVE_SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await tables.queryIndex('active', shard, {
        atMost: now,
        ...(cursor && { cursor }),
      });
      for (const item of page.items) ids.push(String(item.pk).slice('JOB#'.length));
      cursor = page.cursor;
    } while (cursor);
  }
  return ids;
}

/** A page of jobs, newest first. */
export async function listJobs(
  tables: Tables,
  options: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ jobs: Job[]; cursor?: string | undefined }> {
  const page = await tables.queryIndex('listed', LISTED, {
    newestFirst: true,
    limit: options.limit,
    ...(options.cursor && { cursor: options.cursor }),
  });
  const ids = page.items.map((item) => String(item.pk).slice('JOB#'.length));
  const jobs = await someAtOnce(ids, (id) => readJob(tables, id));
  return { jobs: jobs.filter((job) => job !== undefined), cursor: page.cursor };
}

/** A page of a job's history, newest first. */
export async function listHistory(
  tables: Tables,
  jobId: string,
  options: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ entries: HistoryEntry[]; cursor?: string | undefined }> {
  const page = await tables.query('jobs', jobKey(jobId).pk, {
    skPrefix: 'HISTORY#',
    newestFirst: true,
    limit: options.limit,
    ...(options.cursor && { cursor: options.cursor }),
  });
  return { entries: page.items.map(decodeHistory), cursor: page.cursor };
}

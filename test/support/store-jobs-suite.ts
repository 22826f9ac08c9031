import { describe, expect, it } from 'vitest';
import { changeState } from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import type { JobState } from '#shared/domain/job-state.ts';
import {
  findDueJobs,
  insertJob,
  listHistory,
  listJobs,
  readJob,
  readNameHolder,
  replaceJob,
} from '#shared/store/jobs.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import {
  faultsOfWrites,
  LOST_ANSWERS,
  makeFaultyTables,
  makeInterruptedTables,
} from './faulty-tables.ts';
import { exampleJob, NOW, newId, touched } from './store-examples.ts';

/** What the store promises about jobs, on any tables. */

type Make = () => Promise<Tables>;

function to(job: Job, state: JobState) {
  return changeState(job, state, {
    token: newId(),
    now: NOW + 1,
    code: state === 'PAUSED' ? 'PAUSED_BY_USER' : 'STOPPED_BY_USER',
    message: 'asked for',
  });
}

async function insertedJob(tables: Tables): Promise<Job> {
  const { job, entry } = exampleJob();
  expect(await insertJob(tables, job, entry)).toBe(true);
  return job;
}

async function historyKinds(tables: Tables, id: string): Promise<unknown[]> {
  const { entries } = await listHistory(tables, id, { limit: 50 });
  return entries.map((entry) => entry.to);
}

/** @param make new and empty tables for every test */
export function describeJobStore(name: string, make: Make): void {
  describe(`jobs in the store: ${name}`, () => {
    describeInserting(make);
    describeReplacing(make);
    describeFinding(make);
  });
}

function describeInserting(make: Make): void {
  it('a new job is there with its name and its history', async () => {
    const tables = await make();
    const { job, entry } = exampleJob('flights');
    expect(await insertJob(tables, job, entry)).toBe(true);
    expect(await readJob(tables, job.id)).toEqual(job);
    expect(await readNameHolder(tables, 'flights')).toBe(job.id);
    expect((await listHistory(tables, job.id, { limit: 9 })).entries).toEqual([entry]);
  });

  it('a name that is taken leaves nothing of the second job', async () => {
    const tables = await make();
    const first = exampleJob('flights');
    const second = exampleJob('flights');
    await insertJob(tables, first.job, first.entry);
    expect(await insertJob(tables, second.job, second.entry)).toBe(false);
    expect(await readJob(tables, second.job.id)).toBeUndefined();
    expect(await historyKinds(tables, second.job.id)).toEqual([]);
    expect(await readNameHolder(tables, 'flights')).toBe(first.job.id);
  });

  it('of jobs that take one name at once one gets it', async () => {
    const tables = await make();
    const jobs = Array.from({ length: 5 }, () => exampleJob('flights'));
    const won = await Promise.all(jobs.map(({ job, entry }) => insertJob(tables, job, entry)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await readNameHolder(tables, 'flights')).toBe(jobs[won.indexOf(true)]?.job.id);
  });

  it.each(LOST_ANSWERS)(
    'F6: a creation whose answer is lost (%s) is known to be done',
    async (fault) => {
      const tables = await make();
      const { job, entry } = exampleJob();
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await insertJob(faulty, job, entry)).toBe(true);
      await faulty.arrive();
      expect(await readJob(tables, job.id)).toEqual(job);
      expect(await historyKinds(tables, job.id)).toEqual(['NEED_SCHEDULE']);
    },
  );

  it.each(LOST_ANSWERS)(
    'F6: a name that is taken is known to be taken after a lost answer (%s)',
    async (fault) => {
      const tables = await make();
      const [first, second] = [exampleJob('flights'), exampleJob('flights')];
      await insertJob(tables, first.job, first.entry);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await insertJob(faulty, second.job, second.entry)).toBe(false);
      await faulty.arrive();
      expect(await readNameHolder(tables, 'flights')).toBe(first.job.id);
    },
  );

  it.each(['STOPPED', 'CANCELLED'] as const)(
    'F13: a %s job leaves its name to another',
    async (final) => {
      const tables = await make();
      const [first, second] = [exampleJob('flights'), exampleJob('flights')];
      await insertJob(tables, first.job, first.entry);
      const change = to(first.job, final);
      expect(await replaceJob(tables, first.job, change.after, change.entry)).toBe(true);
      expect(await readNameHolder(tables, 'flights')).toBeUndefined();
      expect(await insertJob(tables, second.job, second.entry)).toBe(true);
      expect((await readJob(tables, first.job.id))?.state).toBe(final);
      expect(await readNameHolder(tables, 'flights')).toBe(second.job.id);
    },
  );
}

function describeReplacing(make: Make): void {
  it('a change is written with its entry', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = to(job, 'PAUSED');
    expect(await replaceJob(tables, job, after, entry)).toBe(true);
    expect(await readJob(tables, job.id)).toEqual(after);
    expect(await historyKinds(tables, job.id)).toEqual(['PAUSED', 'NEED_SCHEDULE']);
  });

  it('F5: of changes to the job as several read it one wins, and no loser leaves an entry', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const changes = (['PAUSED', 'STOPPED', 'PAUSED', 'STOPPED'] as const).map((s) => to(job, s));
    const won = await Promise.all(changes.map((c) => replaceJob(tables, job, c.after, c.entry)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await readJob(tables, job.id)).toEqual(changes[won.indexOf(true)]?.after);
    expect(await historyKinds(tables, job.id)).toHaveLength(2);
  });

  it('whoever read an older state is refused', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const note = touched(job, { claimedGeneration: 1 });
    expect(await replaceJob(tables, job, note)).toBe(true);
    expect(await replaceJob(tables, job, touched(job))).toBe(false);
    expect(await readJob(tables, job.id)).toEqual(note);
  });

  it.each(LOST_ANSWERS)(
    'F6: a change whose answer is lost (%s) is known to be done, once',
    async (fault) => {
      const tables = await make();
      const job = await insertedJob(tables);
      const { after, entry } = to(job, 'STOPPED');
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await replaceJob(faulty, job, after, entry)).toBe(true);
      await faulty.arrive();
      expect(await readJob(tables, job.id)).toEqual(after);
      expect(await historyKinds(tables, job.id)).toEqual(['STOPPED', 'NEED_SCHEDULE']);
    },
  );

  it.each(LOST_ANSWERS)(
    'F6: a change without an entry, its answer lost (%s), is known to be done',
    async (fault) => {
      const tables = await make();
      const job = await insertedJob(tables);
      const after = touched(job, { claimedGeneration: 1 });
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await replaceJob(faulty, job, after)).toBe(true);
      await faulty.arrive();
      expect(await readJob(tables, job.id)).toEqual(after);
    },
  );

  it('F6: a change whose answer is lost is known by its entry even when others changed the job since', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const paused = to(job, 'PAUSED');
    const stopped = to(paused.after, 'STOPPED');
    const interrupted = makeInterruptedTables(tables, () =>
      replaceJob(tables, paused.after, stopped.after, stopped.entry),
    );
    expect(await replaceJob(interrupted, job, paused.after, paused.entry)).toBe(true);
    expect(await readJob(tables, job.id)).toEqual(stopped.after);
  });

  it('F6: a store that stays silent leaves the outcome unknown', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = to(job, 'PAUSED');
    const faulty = makeFaultyTables(tables, () => 'lost-after');
    await expect(replaceJob(faulty, job, after, entry)).rejects.toThrow(OutcomeUnknown);
    expect(await readJob(tables, job.id)).toEqual(after);
  });

  it('F7: a throttled write is known not to be done', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = to(job, 'PAUSED');
    const faulty = makeFaultyTables(tables, faultsOfWrites('unavailable'));
    await expect(replaceJob(faulty, job, after, entry)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await readJob(tables, job.id)).toEqual(job);
  });

  it('F6, F7: throttled after a lost answer, the outcome stays unknown', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = to(job, 'PAUSED');
    const faults = ['lost-after', 'unavailable', 'unavailable', 'unavailable'] as const;
    const faulty = makeFaultyTables(tables, faultsOfWrites(...faults));
    await expect(replaceJob(faulty, job, after, entry)).rejects.toThrow(OutcomeUnknown);
    expect(await readJob(tables, job.id)).toEqual(after);
  });

  it('a renamed job is refused: the item that holds its name would be lost', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const after = touched(job, { spec: { ...job.spec, name: 'other' } });
    await expect(replaceJob(tables, job, after)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await readJob(tables, job.id)).toEqual(job);
  });

  it('an entry is written whatever its detail holds', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = to(job, 'PAUSED');
    const detail = {
      from: 9_223_372_036_854_775_807n,
      lost: new Map([[3, { from: 1n, to: 2n }]]),
      partitions: new Set([1, 2]),
      nothing: undefined,
      none: null,
      ratio: Number.NaN,
      cause: new Error('boom'),
    };
    expect(await replaceJob(tables, job, after, { ...entry, detail })).toBe(true);
    const { entries } = await listHistory(tables, job.id, { limit: 1 });
    expect(entries[0]?.detail).toEqual({
      from: '9223372036854775807',
      lost: { '3': { from: '1', to: '2' } },
      partitions: [1, 2],
      ratio: 'NaN',
      cause: 'boom',
    });
  });
}

function describeFinding(make: Make): void {
  it('jobs are due by their time, and none that rests', async () => {
    const tables = await make();
    const [now, later, resting] = [exampleJob(), exampleJob(), exampleJob()];
    for (const { job, entry } of [now, later, resting]) await insertJob(tables, job, entry);
    await replaceJob(tables, later.job, touched(later.job, { dueAt: NOW + 10 }));
    await replaceJob(tables, resting.job, touched(resting.job, { dueAt: undefined }));
    expect(await findDueJobs(tables, NOW)).toEqual([now.job.id]);
    expect((await findDueJobs(tables, NOW + 10)).toSorted()).toEqual(
      [now.job.id, later.job.id].toSorted(),
    );
  });

  it('F8: a stale index names a job that rests by now, and the base table says so', async () => {
    const tables = await make();
    let stale = false;
    const faulty = makeFaultyTables(tables, ({ method }) =>
      stale && method === 'queryIndex' ? 'stale' : undefined,
    );
    const job = await insertedJob(tables);
    expect(await findDueJobs(faulty, NOW)).toEqual([job.id]);
    await replaceJob(tables, job, touched(job, { dueAt: undefined }));
    stale = true;
    expect(await findDueJobs(faulty, NOW)).toEqual([job.id]);
    expect((await readJob(faulty, job.id))?.dueAt).toBeUndefined();
  });

  it('jobs are listed newest first, page by page', async () => {
    const tables = await make();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { job, entry } = exampleJob();
      const created = { ...job, id: newId() };
      await insertJob(tables, created, entry);
      ids.unshift(created.id);
    }
    const first = await listJobs(tables, { limit: 3 });
    const second = await listJobs(tables, { limit: 3, cursor: first.cursor });
    expect([...first.jobs, ...second.jobs].map((job) => job.id)).toEqual(ids);
    expect(second.cursor).toBeUndefined();
  });

  it('a history is listed newest first, page by page', async () => {
    const tables = await make();
    let job = await insertedJob(tables);
    for (const state of ['PAUSED', 'NEED_SCHEDULE', 'STOPPED'] as const) {
      const change = changeState(job, state, {
        token: newId(),
        now: NOW,
        code: 'PAUSED_BY_USER',
        message: 'asked for',
      });
      await replaceJob(tables, job, change.after, change.entry);
      job = change.after;
    }
    const first = await listHistory(tables, job.id, { limit: 2 });
    const rest = await listHistory(tables, job.id, { limit: 9, cursor: first.cursor });
    const ids = [...first.entries, ...rest.entries].map((entry) => entry.id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual(ids.toSorted().reverse());
  });
}

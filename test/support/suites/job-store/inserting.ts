import { expect, it } from 'vitest';
import { insertJob, listHistory, readJob, readNameHolder, replaceJob } from '#shared/store/jobs.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import { exampleJob } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { changedTo, historyKinds } from './example-jobs.ts';

/** What the store promises about new jobs and their names. */
export function describeInserting(make: MakeTables): void {
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
      const change = changedTo(first.job, final);
      expect(await replaceJob(tables, first.job, change.after, change.entry)).toBe(true);
      expect(await readNameHolder(tables, 'flights')).toBeUndefined();
      expect(await insertJob(tables, second.job, second.entry)).toBe(true);
      expect((await readJob(tables, first.job.id))?.state).toBe(final);
      expect(await readNameHolder(tables, 'flights')).toBe(second.job.id);
    },
  );
}

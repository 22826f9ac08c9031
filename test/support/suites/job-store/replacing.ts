import { expect, it } from 'vitest';
import { listHistory, readJob, replaceJob } from '#shared/store/jobs.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import {
  faultsOfWrites,
  LOST_ANSWERS,
  makeFaultyTables,
  makeInterruptedTables,
} from '../../faulty-tables.ts';
import { touched } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { changedTo, historyKinds, insertedJob } from './example-jobs.ts';

/** What the store promises about changes to a job. */
export function describeReplacing(make: MakeTables): void {
  it('a change is written with its entry', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = changedTo(job, 'PAUSED');
    expect(await replaceJob(tables, job, after, entry)).toBe(true);
    expect(await readJob(tables, job.id)).toEqual(after);
    expect(await historyKinds(tables, job.id)).toEqual(['PAUSED', 'NEED_SCHEDULE']);
  });

  it('F5: of changes to the job as several read it one wins, and no loser leaves an entry', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const changes = (['PAUSED', 'STOPPED', 'PAUSED', 'STOPPED'] as const).map((s) =>
      changedTo(job, s),
    );
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
      const { after, entry } = changedTo(job, 'STOPPED');
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
    const paused = changedTo(job, 'PAUSED');
    const stopped = changedTo(paused.after, 'STOPPED');
    const interrupted = makeInterruptedTables(tables, () =>
      replaceJob(tables, paused.after, stopped.after, stopped.entry),
    );
    expect(await replaceJob(interrupted, job, paused.after, paused.entry)).toBe(true);
    expect(await readJob(tables, job.id)).toEqual(stopped.after);
  });

  it('F6: a store that stays silent leaves the outcome unknown', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = changedTo(job, 'PAUSED');
    const faulty = makeFaultyTables(tables, () => 'lost-after');
    await expect(replaceJob(faulty, job, after, entry)).rejects.toThrow(OutcomeUnknown);
    expect(await readJob(tables, job.id)).toEqual(after);
  });

  it('F7: a throttled write is known not to be done', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = changedTo(job, 'PAUSED');
    const faulty = makeFaultyTables(tables, faultsOfWrites('unavailable'));
    await expect(replaceJob(faulty, job, after, entry)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await readJob(tables, job.id)).toEqual(job);
  });

  it('F6, F7: throttled after a lost answer, the outcome stays unknown', async () => {
    const tables = await make();
    const job = await insertedJob(tables);
    const { after, entry } = changedTo(job, 'PAUSED');
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
    const { after, entry } = changedTo(job, 'PAUSED');
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

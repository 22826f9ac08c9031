import { expect, it } from 'vitest';
import { changeState } from '#shared/domain/change-job.ts';
import {
  findDueJobs,
  insertJob,
  listHistory,
  listJobs,
  readJob,
  replaceJob,
} from '#shared/store/jobs.ts';
import { makeFaultyTables } from '../../faulty-tables.ts';
import { exampleJob, NOW, newId, touched } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';
import { insertedJob } from './example-jobs.ts';

/** How jobs and their history are found. */
export function describeFinding(make: MakeTables): void {
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
    expect([...first.jobs, ...second.jobs].map((job) => 'id' in job && job.id)).toEqual(ids);
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

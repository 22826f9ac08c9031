import { expect, it } from 'vitest';
import { apply } from '../../../functions/scheduler/apply.ts';
import { insertJob, listHistory, readJob } from '../../../functions/shared/store/jobs.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleJob, NOW, newId } from '../../support/store-examples.ts';

const stall = { since: NOW - 600_000, lanes: [0, 2], message: '2 of 3 lanes stand still' };

it('two cycles that see the same stall write one entry, and its end is another', async () => {
  const tables = makeMemoryTables();
  const { job, entry } = exampleJob();
  await insertJob(tables, job, entry);
  const clock = { now: () => NOW, sleep: async () => undefined };
  const deps = { tables, clock, newId, retentionDays: 7 };

  const first = await apply(deps, job, { kind: 'tell-stall', stall });
  const second = await apply(deps, job, { kind: 'tell-stall', stall });

  expect(first).toMatchObject({ stalledSince: stall.since, state: job.state });
  expect(second).toBe('lost');
  const stalled = await readJob(tables, job.id);
  if (!stalled) throw new Error('the job must be there');
  await apply(deps, stalled, { kind: 'tell-stall', stall: undefined });

  const { entries } = await listHistory(tables, job.id, { limit: 10 });
  expect(entries.map(({ kind, reason }) => [kind, reason.code])).toEqual([
    ['stall', 'RECOVERED'],
    ['stall', 'STALLED'],
    ['state', 'CREATED'],
  ]);
  expect(entries[1]?.detail).toEqual({ since: stall.since, lanes: [0, 2] });
  expect((await readJob(tables, job.id))?.stalledSince).toBe(undefined);
});

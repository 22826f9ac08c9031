import { expect, it } from 'vitest';
import type { HistoryEntry } from '#shared/domain/job.ts';
import { insertJob } from '#shared/store/jobs.ts';
import { positionOf } from '../../../functions/api/job-position.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleJob, exampleLane, NOW, newId, offsets } from '../../support/store-examples.ts';

const tables = makeMemoryTables();
const { job } = exampleJob();

const behind = exampleLane({ next: offsets({ 3: 7, 1: 10 }), ends: offsets({ 1: 11, 3: 9 }) });
const level = exampleLane({ next: offsets({ 2: 20 }), ends: offsets({ 2: 20 }) });

it('is where something is left to load, by partition, else the end', async () => {
  expect(await positionOf(tables, { job, lanes: [behind, level] })).toEqual({ 1: '10', 3: '7' });
  expect(await positionOf(tables, { job, lanes: [level] })).toBe('latest');
});

it('is where a job that has not begun begins, or goes to', async () => {
  expect(await positionOf(tables, { job, lanes: [] })).toBe(job.spec.source.kafka.startOffsets);
  const moved = { ...job, seek: 'earliest' as const };
  expect(await positionOf(tables, { job: moved, lanes: [behind] })).toBe('earliest');
});

it('is the first known bad row of each partition, where the job paused for them', async () => {
  const reason = { code: 'TOO_MANY_BAD_ROWS', message: 'too many', at: NOW } as const;
  const paused = { ...exampleJob().job, state: 'PAUSED' as const, reason };
  const examples = [
    { partition: 3, offset: '90', reason: 'bad' },
    { partition: 1, offset: '9223372036854775806', reason: 'bad' },
    { partition: 3, offset: '9', reason: 'bad' },
  ];
  const entry: HistoryEntry = { id: newId(), at: NOW, kind: 'state', reason, detail: { examples } };
  await insertJob(tables, paused, entry);

  expect(await positionOf(tables, { job: paused, lanes: [behind] })).toEqual({
    1: '9223372036854775806',
    3: '9',
  });
});

it('is where the job goes on, where nobody knows which rows were bad', async () => {
  const reason = { code: 'TOO_MANY_BAD_ROWS', message: 'too many', at: NOW } as const;
  const paused = { ...exampleJob().job, state: 'PAUSED' as const, reason };
  const unplaced = [{ reason: 'bad' }];
  const detail = { examples: unplaced };
  const entry: HistoryEntry = { id: newId(), at: NOW, kind: 'state', reason, detail };
  await insertJob(tables, paused, entry);

  expect(await positionOf(tables, { job: paused, lanes: [behind] })).toEqual({ 1: '10', 3: '7' });
});

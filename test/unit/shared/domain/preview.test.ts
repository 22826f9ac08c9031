import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { leaseFrom, mayTake, newPreview, type Preview, previewAt } from '#shared/domain/preview.ts';

const HOUR_MS = 3_600_000;
const NOW = 1_790_000_000_000;

const spec = jobSpec.parse({
  name: 'preview',
  source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
  destination: { file: { table: 'flights' } },
});
const pending = newPreview('P1', { spec, from: 'latest', maxRecords: 20 }, NOW);

it('waits for a loader for minutes, and then has failed', () => {
  expect(previewAt(pending, NOW + 60_000)).toEqual(pending);
  expect(mayTake(pending, NOW + 60_000)).toBe(true);
  expect(mayTake(pending, NOW + 240_000)).toBe(false);
  expect(previewAt(pending, NOW + 240_000)).toMatchObject({
    status: 'FAILED',
    failure: { code: 'OUT_OF_TIME' },
  });
});

it('never seems to have failed while a loader may still take it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: HOUR_MS }), (ms) => {
      const { status } = previewAt(pending, NOW + ms);
      if (status === 'FAILED') expect(mayTake(pending, NOW + ms)).toBe(false);
    }),
  );
});

it('has failed when its loader holds it no longer, unless it is over', () => {
  const running: Preview = {
    ...pending,
    status: 'RUNNING',
    owner: 'me',
    leaseUntil: leaseFrom(NOW),
  };
  expect(previewAt(running, leaseFrom(NOW))).toEqual(running);
  expect(previewAt(running, leaseFrom(NOW) + 1)).toMatchObject({
    status: 'FAILED',
    failure: { code: 'LOADER_LOST' },
  });
  const done: Preview = { ...running, status: 'DONE' };
  expect(previewAt(done, NOW + HOUR_MS)).toEqual(done);
  expect(mayTake(running, NOW)).toBe(false);
});

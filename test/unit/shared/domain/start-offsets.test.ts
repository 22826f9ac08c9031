import { expect, it } from 'vitest';
import { offsetsSpec } from '#shared/domain/job-spec.ts';
import { resolveOffset, timestampOf } from '#shared/domain/start-offsets.ts';
import { offsets } from '../../../support/store-examples.ts';

const time = Date.parse('2026-01-01T00:00:00Z');
const log = {
  earliest: offsets({ 0: 3, 1: 4 }),
  latest: offsets({ 0: 30, 1: 40 }),
  at: new Map([[time, offsets({ 0: 17 })]]),
};

it.each([
  ['earliest', 'earliest', 0, 3n],
  ['latest', 'latest', 1, 40n],
  ['a time', { timestamp: '2026-01-01T00:00:00Z' }, 0, 17n],
  ['the same time in another zone', { timestamp: '2026-01-01T01:00:00+01:00' }, 0, 17n],
  ['a time that no record has reached', { timestamp: '2026-01-01T00:00:00Z' }, 1, undefined],
  ['a time that was not asked for', { timestamp: '2027-01-01T00:00:00Z' }, 0, undefined],
  ['a position of the list', { '0': '12', '1': 'latest' }, 1, 40n],
  ['the largest offset, exactly', { '0': '9223372036854775807' }, 0, 9_223_372_036_854_775_807n],
  ['a partition that the list does not name', { '0': '12' }, 1, undefined],
  ['a partition that the log does not have', 'earliest', 2, undefined],
] as const)('%s', (_title, spec, partition, expected) => {
  expect(resolveOffset(offsetsSpec.parse(spec), partition, log)).toBe(expected);
});

it('only a form with a time names one', () => {
  expect(timestampOf({ timestamp: '2026-01-01T00:00:00Z' })).toBe(time);
  expect(timestampOf('latest')).toBeUndefined();
  expect(timestampOf({ '0': '5' })).toBeUndefined();
  expect(timestampOf(undefined)).toBeUndefined();
});

it('a time before 1970 is none of the numbers by which Kafka means an end of the log', () => {
  expect(timestampOf({ timestamp: '1969-12-31T23:59:59.999Z' })).toBe(0);
});

it('a partition in another spelling is refused: it would be looked for and not found', () => {
  expect(offsetsSpec.safeParse({ '01': '12' }).success).toBe(false);
  expect(offsetsSpec.safeParse({ '0': '12', '10': '12' }).success).toBe(true);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide, laneCount, MAX_PARTITIONS_PER_LANE } from '#shared/domain/division.ts';

describe('the number of lanes', () => {
  it.each([
    ['2 partitions, 3 desired, 1 worker', [2, 3, 1], 1],
    ['2 partitions, 3 desired, 5 workers', [2, 3, 5], 2],
    ['8 partitions, 3 desired, 5 workers', [8, 3, 5], 3],
    ['a destination without workers does not limit', [8, 5, undefined], 5],
    ['no worker is alive', [8, 5, 0], 0],
    ['no partition', [0, 5, 3], 0],
  ] as const)('%s', (_title, [partitions, desiredConcurrency, aliveWorkers], lanes) => {
    expect(laneCount({ partitions, desiredConcurrency, aliveWorkers })).toBe(lanes);
  });

  it('F14: 7,000 partitions get two lanes even where one was desired, and one more gets a third', () => {
    expect(laneCount({ partitions: 7_000, desiredConcurrency: 1 })).toBe(2);
    expect(laneCount({ partitions: 7_001, desiredConcurrency: 1, aliveWorkers: 1 })).toBe(3);
  });

  it('is the smallest of the three bounds, unless a lane would grow too large', () => {
    const bounds = fc.record({
      partitions: fc.integer({ min: 1, max: 20_000 }),
      desiredConcurrency: fc.integer({ min: 1, max: 256 }),
      aliveWorkers: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(bounds, (given) => {
        const n = laneCount(given);
        const least = Math.min(
          given.partitions,
          given.desiredConcurrency,
          given.aliveWorkers ?? Number.POSITIVE_INFINITY,
        );
        expect(n).toBeGreaterThanOrEqual(least);
        expect(n).toBeLessThanOrEqual(given.partitions);
        expect(Math.ceil(given.partitions / n)).toBeLessThanOrEqual(MAX_PARTITIONS_PER_LANE);
        if (given.partitions <= MAX_PARTITIONS_PER_LANE) expect(n).toBe(least);
      }),
    );
  });
});

describe('a division', () => {
  const partitions = fc.uniqueArray(fc.nat(100_000), { maxLength: 60 });
  const lanes = fc.integer({ min: 1, max: 20 });

  it('of partitions 1, 4, 6 over 2 lanes gives {1, 6} and {4}', () => {
    expect(divide([1, 4, 6], 2)).toEqual([[1, 6], [4]]);
    expect(divide([6, 1, 4], 2)).toEqual([[1, 6], [4]]);
  });

  it('sorts by number, not by text', () => {
    expect(divide([10, 9, 100], 1)).toEqual([[9, 10, 100]]);
  });

  it('gives every partition to exactly one lane, and each lane its own in order', () => {
    fc.assert(
      fc.property(partitions, lanes, (all, n) => {
        const divided = divide(all, n);
        expect(divided).toHaveLength(n);
        expect(divided.flat().toSorted((a, b) => a - b)).toEqual(all.toSorted((a, b) => a - b));
        for (const lane of divided) expect(lane).toEqual(lane.toSorted((a, b) => a - b));
      }),
    );
  });

  it('gives lanes whose sizes differ by one at most', () => {
    fc.assert(
      fc.property(partitions, lanes, (all, n) => {
        const sizes = divide(all, n).map((lane) => lane.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order in which partitions were listed, and leaves the list as it was', () => {
    fc.assert(
      fc.property(partitions, lanes, (all, n) => {
        const before = [...all];
        expect(divide(all.toReversed(), n)).toEqual(divide(all, n));
        expect(all).toEqual(before);
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('into %s lanes is refused', (n) => {
    expect(() => divide([1], n)).toThrow(RangeError);
  });
});

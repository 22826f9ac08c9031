import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lagOf, overlay, sliceEnds, sliceLength, total } from '#shared/domain/offsets.ts';
import { anyOffsets, anySlice } from '../../../support/store-arbitraries.ts';
import { offsets } from '../../../support/store-examples.ts';

it('the lag is the end minus the next offset', () => {
  const lag = lagOf(offsets({ 0: 10, 1: 5, 2: 7 }), offsets({ 0: 12, 1: 5, 3: 9 }));
  expect(lag).toEqual(offsets({ 0: 2, 1: 0 }));
});

it('the lag is never below zero, and is known for exactly the partitions whose end is known', () => {
  fc.assert(
    fc.property(anyOffsets, anyOffsets, (next, ends) => {
      const lag = lagOf(next, ends);
      expect([...lag.keys()]).toEqual([...next.keys()].filter((partition) => ends.has(partition)));
      for (const behind of lag.values()) expect(behind >= 0n).toBe(true);
    }),
  );
});

it('offsets beyond what a number holds are exact', () => {
  const lag = lagOf(
    offsets({ 0: 9_007_199_254_740_993n }),
    offsets({ 0: 9_223_372_036_854_775_807n }),
  );
  expect(total(lag)).toBe(9_223_372_036_854_775_807n - 9_007_199_254_740_993n);
});

it('what is laid over a base wins, and the base keeps the rest', () => {
  fc.assert(
    fc.property(anyOffsets, anyOffsets, (base, over) => {
      const both = overlay(base, over);
      for (const [partition, offset] of both) {
        expect(offset).toBe(over.get(partition) ?? base.get(partition));
      }
      expect(new Set(both.keys())).toEqual(new Set([...base.keys(), ...over.keys()]));
    }),
  );
});

it('a slice is as long as its ends are beyond its beginnings', () => {
  fc.assert(
    fc.property(anySlice, (slice) => {
      const beginnings = new Map([...slice].map(([partition, { from }]) => [partition, from]));
      expect(total(sliceEnds(slice)) - total(beginnings)).toBe(sliceLength(slice));
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isComplete,
  MAX_PARTITIONS_PER_SLICE,
  openLag,
  planSlice,
} from '../../../../functions/shared/domain/slice-plan.ts';
import { exampleLane, NOW } from '../../../support/planning-examples.ts';

const batch = { maxRows: 1_000, maxBytes: 1_000_000_000, maxIntervalSeconds: 10 };

const partitions = fc.uniqueArray(
  fc.record({
    partition: fc.integer({ min: 0, max: 50 }),
    next: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    lag: fc.bigInt({ min: 0n, max: 5_000n }),
  }),
  { selector: ({ partition }) => partition, minLength: 1 },
);

const laneOf = (given: { partition: number; next: bigint }[]) =>
  exampleLane(given.map(({ partition, next }) => [partition, next]));
const endsOf = (given: { partition: number; next: bigint; lag: bigint }[]) =>
  new Map(given.map(({ partition, next, lag }) => [partition, next + lag]));

describe('a slice', () => {
  it('begins at the next offset, never passes the log end, and never exceeds the batch', () => {
    fc.assert(
      fc.property(partitions, fc.integer({ min: 1, max: 10_000 }), (given, maxRows) => {
        const lane = laneOf(given);
        const ends = endsOf(given);
        const slice = planSlice({ lane, ends, batch: { ...batch, maxRows }, now: NOW });
        if (given.every(({ lag }) => lag === 0n)) return slice === undefined;
        let rows = 0n;
        for (const [partition, { from, to }] of slice ?? []) {
          expect(from).toBe(lane.next.get(partition));
          expect(to > from && to <= (ends.get(partition) ?? 0n)).toBe(true);
          rows += to - from;
        }
        return rows >= 1n && rows <= BigInt(maxRows);
      }),
    );
  });

  it('takes all of the lag when it fits', () => {
    fc.assert(
      fc.property(partitions, (given) => {
        const slice = planSlice({
          lane: laneOf(given),
          ends: endsOf(given),
          batch: { ...batch, maxRows: 10_000_000 },
          now: NOW,
        });
        const taken = new Map([...(slice ?? [])].map(([p, { from, to }]) => [p, to - from]));
        return given.every(({ partition, lag }) => (taken.get(partition) ?? 0n) === lag);
      }),
    );
  });

  it('F28: shares the batch fairly: a hot partition takes what the others leave', () => {
    const lane = exampleLane([
      [0, 0n],
      [1, 0n],
      [2, 0n],
    ]);
    const ends = new Map([
      [0, 1_000_000n],
      [1, 10n],
      [2, 400n],
    ]);
    const slice = planSlice({ lane, ends, batch, now: NOW });
    expect([...(slice ?? [])].sort().map(([p, { to }]) => [p, to])).toEqual([
      [0, 590n],
      [1, 10n],
      [2, 400n],
    ]);
  });

  it('fits its bytes by the average row of the lane', () => {
    const lane = exampleLane([[0, 0n]], { rows: 10, bytes: 10_000 });
    const slice = planSlice({
      lane,
      ends: new Map([[0, 100_000n]]),
      batch: { ...batch, maxRows: 50_000, maxBytes: 200_000 },
      now: NOW,
    });
    expect(slice?.get(0)).toEqual({ from: 0n, to: 200n });
  });

  it('waits for the interval while it would be small, but not when it is half a batch', () => {
    const lane = exampleLane([[0, 0n]], { plannedAt: NOW - 9_999 });
    const at = (lag: bigint, now = NOW) =>
      planSlice({ lane, ends: new Map([[0, lag]]), batch, now });
    expect(at(499n)).toBeUndefined();
    expect(at(500n)).toBeDefined();
    expect(at(1n, NOW + 1)).toBeDefined();
  });

  it('of the rest of a backlog does not wait', () => {
    const lane = exampleLane([[0, 3n]], { plannedAt: NOW });
    const question = { lane, ends: new Map([[0, 5n]]), batch, now: NOW };
    expect(planSlice(question)).toBeUndefined();
    expect(planSlice({ ...question, isRest: true })?.get(0)).toEqual({ from: 3n, to: 5n });
  });

  it('of a bounded job never waits, and ends where the job does', () => {
    const lane = exampleLane([[0, 3n]], { plannedAt: NOW, until: new Map([[0, 5n]]) });
    const slice = planSlice({ lane, ends: new Map([[0, 100n]]), batch, now: NOW });
    expect(slice?.get(0)).toEqual({ from: 3n, to: 5n });
  });

  it('F14, F28: of 10,000 partitions takes turns, so that each has its turn within ten slices', () => {
    const all = Array.from({ length: 10_000 }, (_, p): [number, bigint] => [p, 0n]);
    const ends = new Map(all.map(([p]) => [p, 1_000_000n]));
    const seen = new Set<number>();
    for (let tasks = 0; tasks < 10; tasks += 1) {
      const lane = exampleLane(all, { tasks });
      const slice = planSlice({ lane, ends, batch: { ...batch, maxRows: 100_000 }, now: NOW });
      expect(slice?.size).toBe(MAX_PARTITIONS_PER_SLICE);
      for (const partition of slice?.keys() ?? []) seen.add(partition);
    }
    expect(seen.size).toBe(10_000);
  });
});

describe('a lane', () => {
  it('is complete when every partition is at its end, and never without ends', () => {
    const until = new Map([
      [0, 5n],
      [1, 0n],
    ]);
    expect(
      isComplete(
        exampleLane(
          [
            [0, 5n],
            [1, 0n],
          ],
          { until },
        ),
      ),
    ).toBe(true);
    expect(
      isComplete(
        exampleLane(
          [
            [0, 4n],
            [1, 0n],
          ],
          { until },
        ),
      ),
    ).toBe(false);
    expect(isComplete(exampleLane([[0, 5n]]))).toBe(false);
  });

  it('has no lag in partitions whose end is not known', () => {
    expect(openLag(exampleLane([[0, 5n]]), new Map()).size).toBe(0);
  });
});

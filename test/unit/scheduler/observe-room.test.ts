import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  msUntilReached,
  observeRoom,
  type RoomQuestion,
} from '../../../functions/scheduler/observe-room.ts';
import type { KafkaCluster } from '../../../functions/shared/kafka/cluster.ts';
import { NOW } from '../../support/planning-examples.ts';
import { offsets } from '../../support/store-examples.ts';

const HOUR = 3_600_000;
/** A thousand records of ten bytes, a hundred of them of the last hour. */
const growth = { size: 10_000, earliest: 0n, latest: 1_000n, recent: 900n, windowMs: HOUR };

describe('a limit by bytes', () => {
  it('reaches a record when those behind it have as many', () => {
    // 5,000 bytes behind it, 1,000 more each hour.
    expect(msUntilReached(growth, { next: 500n, limit: 8_000 })).toBe(3 * HOUR);
    expect(msUntilReached(growth, { next: 500n, limit: 5_000 })).toBe(0);
    expect(msUntilReached(growth, { next: 500n, limit: 100 })).toBe(0);
  });

  it('is not reached by a log that does not grow, nor by one without records', () => {
    expect(msUntilReached({ ...growth, recent: 1_000n }, { next: 500n, limit: 8_000 })).toBe(
      undefined,
    );
    expect(msUntilReached({ ...growth, latest: 0n }, { next: 0n, limit: 8_000 })).toBe(undefined);
  });

  it('comes no later for a record that is older', () => {
    const bytes = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 1_000n), bytes, (a, b, limit) => {
        const [older, newer] = a < b ? [a, b] : [b, a];
        const of = (next: bigint) => msUntilReached(growth, { next, limit }) ?? Infinity;
        expect(of(older)).toBeLessThanOrEqual(of(newer));
      }),
    );
  });
});

/** A cluster with these logs; `recent` is the first offset of each window, in minutes. */
function clusterOf(
  logs: Readonly<Record<number, { size: number; recent: Readonly<Record<number, number>> }>>,
) {
  const asked: number[] = [];
  const cluster: KafkaCluster = {
    describeTopics: async () => new Map(),
    async listOffsets({ partitions, at }) {
      const minutes = (NOW - (at as { timestampMs: number }).timestampMs) / 60_000;
      asked.push(minutes);
      return offsets(
        Object.fromEntries(partitions.map((p) => [p, logs[p]?.recent[Math.ceil(minutes)] ?? 0])),
      );
    },
    logSizes: async () => new Map(Object.entries(logs).map(([p, { size }]) => [Number(p), size])),
    close: async () => undefined,
  };
  return { cluster, asked };
}

const question: RoomQuestion = {
  topic: 'flights',
  isolation: 'read_committed',
  unloaded: offsets({ 0: 500, 1: 500 }),
  earliest: offsets({ 0: 0, 1: 400 }),
  latest: offsets({ 0: 1_000, 1: 1_000 }),
  limit: 8_000,
};

it('the partition in which it is reached first counts, each by its own growth', async () => {
  const { cluster, asked } = clusterOf({
    0: { size: 10_000, recent: { 60: 900 } },
    1: { size: 6_000, recent: { 60: 700 } },
  });
  // 300 records of ten bytes an hour, and room for 300 more.
  expect(await observeRoom(cluster, question, NOW)).toBe(HOUR);
  expect(asked).toEqual([60]);
});

it('a log that holds less than an hour tells its growth by a shorter time', async () => {
  const { cluster, asked } = clusterOf({
    0: { size: 10_000, recent: { 60: 900 } },
    1: { size: 6_000, recent: { 60: 400, 5: 940 } },
  });
  // 60 records in five minutes: room for 300 in 25.
  expect(await observeRoom(cluster, question, NOW)).toBe(25 * 60_000);
  expect(asked).toEqual([60, 5]);
});

it('nothing is asked without a limit, and nothing said where nobody tells sizes or answers', async () => {
  const { cluster, asked } = clusterOf({ 0: { size: 10_000, recent: { 60: 900 } } });
  expect(await observeRoom(cluster, { ...question, limit: undefined }, NOW)).toBeUndefined();
  expect(await observeRoom(clusterOf({}).cluster, question, NOW)).toBeUndefined();
  const { logSizes, ...mute } = cluster;
  expect(await observeRoom(mute, question, NOW)).toBeUndefined();
  expect(asked).toEqual([]);
  const failing = { ...cluster, listOffsets: () => Promise.reject(new Error('gone')) };
  expect(await observeRoom(failing, question, NOW)).toBeUndefined();
});

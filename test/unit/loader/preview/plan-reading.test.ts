import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type LogPart,
  planReading,
  sliceOf,
} from '../../../../functions/loader/preview/plan-reading.ts';

const part = (from: bigint, length: bigint, side: LogPart['side'] = 'last'): LogPart => ({
  side,
  from,
  to: from + length,
});

const logs = fc
  .array(
    fc.record({
      from: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      length: fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 2n ** 62n })),
      side: fc.constantFrom('first' as const, 'last' as const),
    }),
    { maxLength: 40 },
  )
  .map(
    (parts) =>
      new Map(parts.map(({ from, length, side }, i) => [i, part(from, length, side)] as const)),
  );
const most = fc.integer({ min: 1, max: 100 });

it('as many records are wanted as may be, and no partition gives more than it has', () => {
  fc.assert(
    fc.property(logs, most, (parts, limit) => {
      const planned = [...planReading(parts, limit)];
      const there = [...parts.values()].reduce((sum, { from, to }) => sum + (to - from), 0n);
      const sum = planned.reduce((total, [, { count }]) => total + count, 0);
      expect(BigInt(sum)).toBe(there < BigInt(limit) ? there : BigInt(limit));
      for (const [, { count, from, to }] of planned) {
        expect(count).toBeGreaterThan(0);
        expect(BigInt(count) <= to - from).toBe(true);
      }
    }),
  );
});

it('a partition gets less than another only where it has no more, or by what one division leaves', () => {
  const counts = (parts: Map<number, LogPart>, limit: number) =>
    [...planReading(parts, limit)].map(([partition, { count }]) => [partition, count]);
  const parts = new Map([
    [0, part(0n, 100n)],
    [1, part(0n, 0n)],
    [2, part(0n, 3n)],
    [3, part(0n, 100n)],
  ]);
  expect(counts(parts, 20)).toEqual([
    [0, 9],
    [2, 3],
    [3, 8],
  ]);
  expect(counts(parts, 2)).toEqual([
    [0, 1],
    [2, 1],
  ]);
});

it('what is read lies in the log, at the side that is wanted, and is enough where there are no holes', () => {
  fc.assert(
    fc.property(logs, most, (parts, limit) => {
      const planned = planReading(parts, limit);
      for (const [partition, { from, to }] of sliceOf(planned, { factor: 4n, more: 16n })) {
        const log = planned.get(partition)!;
        expect(from >= log.from && to <= log.to).toBe(true);
        expect(log.side === 'first' ? from === log.from : to === log.to).toBe(true);
        expect(to - from >= BigInt(log.count)).toBe(true);
        expect(to - from <= 4n * BigInt(log.count) + 16n).toBe(true);
      }
    }),
  );
});

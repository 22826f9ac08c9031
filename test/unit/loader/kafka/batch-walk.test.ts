import { describe, expect, it } from 'vitest';
import { CODECS } from '../../../../functions/loader/kafka/codecs.ts';
import { type MadeBatch, madeBatch } from './made-batches.ts';
import { offsets, walk } from './walked-batches.ts';

describe('the records of a batch', () => {
  it('are handed over with their offsets, times, keys, values and headers', () => {
    const batch = madeBatch({
      baseOffset: 40n,
      baseTimestamp: 5_000,
      records: [
        { delta: 0, key: 'k', value: 'v', headers: [['h', 'x']] },
        { delta: 2, timestampDelta: -7, key: null, value: 'a\nb' },
        { delta: 3, timestampDelta: 2 ** 40, key: '', value: '' },
        { delta: 5, value: null },
      ],
    });

    const { seen, position } = walk(batch);

    expect(seen).toEqual([
      {
        offset: 40n,
        timestamp: 5_000,
        key: 'k',
        value: 'v',
        headersCount: 1,
        headers: '\x02h\x02x',
      },
      { offset: 42n, timestamp: 4_993, key: null, value: 'a\nb', headersCount: 0, headers: '' },
      { offset: 43n, timestamp: 5_000 + 2 ** 40, key: '', value: '', headersCount: 0, headers: '' },
      { offset: 45n, timestamp: 5_000, key: null, value: null, headersCount: 0, headers: '' },
    ]);
    expect(position).toBe(46n);
  });

  it('have the time of the broker where it stamps them', () => {
    const batch = madeBatch({
      baseOffset: 0n,
      maxTimestamp: 9_999,
      isLogAppendTime: true,
      records: [{ delta: 0, timestampDelta: 5, value: 'v' }],
    });

    expect(walk(batch).seen[0]?.timestamp).toBe(9_999);
  });

  it('have times of 64 bits, whatever a producer has written', () => {
    const latest = 2n ** 63n - 1n;
    const records = [{ delta: 0, value: 'v' }];
    const batch = madeBatch({ baseOffset: 0n, baseTimestamp: latest, records });
    expect(BigInt(walk(batch).seen[0]!.timestamp)).toBeLessThanOrEqual(latest);
  });

  it('have offsets and lengths of 64 and 32 bits', () => {
    const value = 'x'.repeat(300_000);
    const baseOffset = 9_223_372_036_854_000_000n;

    const { seen } = walk(madeBatch({ baseOffset, records: [{ delta: 70_000, value }] }), {
      from: baseOffset,
      to: baseOffset + 100_000n,
    });

    expect(seen).toMatchObject([{ offset: baseOffset + 70_000n, value }]);
  });

  it('are the same whatever the codec', () => {
    const made = (codec: MadeBatch['codec']) =>
      walk(
        madeBatch({
          baseOffset: 9n,
          records: Array.from({ length: 50 }, (_, delta) => ({
            delta,
            key: `k${delta}`,
            value: 'value',
          })),
          ...(codec ? { codec } : {}),
        }),
        { from: 20n, to: 40n },
      );

    for (const codec of CODECS) expect(made(codec)).toEqual(made('none'));
  });
});

describe('the position', () => {
  const batch = (baseOffset: bigint, deltas: number[], lastOffsetDelta?: number) =>
    madeBatch({
      baseOffset,
      records: deltas.map((delta) => ({ delta, value: 'v' })),
      ...(lastOffsetDelta === undefined ? {} : { lastOffsetDelta }),
    });

  it('ends at the end of the range, inside a batch too', () => {
    const result = walk([batch(0n, [0, 1, 2, 3]), batch(4n, [0, 1, 2])], { from: 2n, to: 5n });

    expect(offsets(result)).toEqual([2, 3, 4]);
    expect(result.position).toBe(5n);
  });

  it('F24: passes what compaction has removed at the start, in the middle and at the end of batches', () => {
    const result = walk([batch(10n, [3, 6], 9), batch(30n, [1], 4)], { from: 2n, to: 100n });

    expect(offsets(result)).toEqual([13, 16, 31]);
    expect(result.position).toBe(35n);
  });

  it('F24: passes a batch that compaction has emptied', () => {
    const result = walk(batch(5n, [], 9), { from: 0n, to: 15n });

    expect(result).toEqual({ seen: [], position: 15n });
  });

  it('is the end of the range when the next batch begins behind it', () => {
    expect(walk(batch(50n, [0, 1]), { from: 3n, to: 20n })).toEqual({ seen: [], position: 20n });
  });

  it('stays before a batch that is cut off', () => {
    const second = batch(2n, [0, 1]);

    for (let length = 0; length < second.length; length += 1) {
      const result = walk([batch(0n, [0, 1]), second.subarray(0, length)]);
      expect(offsets(result)).toEqual([0, 1]);
      expect(result.position).toBe(2n);
    }
  });
});

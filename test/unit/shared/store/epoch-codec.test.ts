import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PARTITIONS_PER_LANE } from '#shared/domain/division.ts';
import { storedEpochs, storeEpochs } from '#shared/store/epoch-codec.ts';
import { encodeLane } from '#shared/store/lane-record.ts';
import { keep } from '../../../support/memory-item.ts';
import { anyEpochs } from '../../../support/store-arbitraries.ts';
import { exampleLane } from '../../../support/store-examples.ts';

const KEY = { table: 'jobs', pk: 'p', sk: 's' } as const;

/** The epoch that `of` gives to each of `count` partitions, `apart` numbers apart. */
const epochs = (count: number, apart: number, of: (i: number) => number) =>
  new Map(Array.from({ length: count }, (_, i) => [i * apart, of(i)]));

describe('epochs as text', () => {
  it('come back', () => {
    fc.assert(
      fc.property(anyEpochs, (given) => {
        expect(storedEpochs.parse(storeEpochs(given))).toEqual(given);
      }),
    );
  });

  it('are short where they are alike', () => {
    expect(storeEpochs(epochs(700, 5, () => 7))).toBe('0:7,5:7*699');
    expect(storeEpochs(epochs(4, 5, (i) => i))).toBe('0:0,5:1,2,3');
  });

  it('may come in any order', () => {
    const given = new Map([...epochs(9, 2, (i) => i % 3)].toReversed());
    expect(storedEpochs.parse(storeEpochs(given))).toEqual(given);
  });

  it.each(['x', '7,', '1:', '5*', '-1', '1:2:3', '1.5'])('%j is none', (text) => {
    expect(storedEpochs.safeParse(text).success).toBe(false);
  });

  it('fit a lane with as many partitions and as long offsets as there can be', () => {
    const partitions = Array.from({ length: MAX_PARTITIONS_PER_LANE }, (_, i) => i * 256);
    const longest = new Map(partitions.map((p) => [p, 9_223_372_036_854_775_807n - BigInt(p)]));
    const begun = { generation: 123_456, at: 1_790_000_000_000 };
    const lane = exampleLane({
      ...{ next: longest, until: longest, ends: longest },
      start: new Map([...longest].map(([p, offset]) => [p, { ...begun, offset }])),
    });
    const bytesWith = (of: (i: number) => number) =>
      keep(KEY, encodeLane({ ...lane, epochs: epochs(partitions.length, 256, of) })).bytes;
    expect(bytesWith((i) => 1_000 + i)).toBeLessThan(409_600);
    // What does not fit is left out, from the last partition on.
    expect(bytesWith((i) => 2_000_000_000 + i)).toBeLessThan(409_600);
    const cut = storedEpochs.parse(storeEpochs(epochs(3_500, 256, (i) => 2_000_000_000 + i)));
    expect(cut.size).toBeGreaterThan(1_500);
    expect(cut.get(0)).toBe(2_000_000_000);
  });
});

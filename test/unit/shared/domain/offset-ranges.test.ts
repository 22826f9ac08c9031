import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToRead } from '../../../../functions/shared/domain/bad-offsets.ts';
import {
  countOffsets,
  eachRange,
  hullOf,
  mergeRanges,
  spansOf,
} from '../../../../functions/shared/domain/offset-ranges.ts';
import type { OffsetRange } from '../../../../functions/shared/domain/offsets.ts';
import { rangesInText, textOfRanges } from '../../../../functions/shared/store/range-text.ts';

const range = fc
  .tuple(fc.bigInt(0n, 60n), fc.bigInt(1n, 9n))
  .map(([from, length]): OffsetRange => ({ from, to: from + length }));
const given = fc.array(fc.tuple(fc.nat(2), range), { maxLength: 40 });

/** `partition/offset` of every offset, sorted. */
function offsetsOf(ranges: Iterable<readonly [number, OffsetRange]>): string[] {
  const found = new Set<string>();
  for (const [partition, { from, to }] of ranges) {
    for (let offset = from; offset < to; offset += 1n) found.add(`${partition}/${offset}`);
  }
  return [...found].sort();
}

describe('ranges of offsets', () => {
  it('hold the same offsets when they are merged, in order and apart from each other', () => {
    fc.assert(
      fc.property(given, (ranges) => {
        const merged = mergeRanges(ranges);
        expect(offsetsOf(eachRange(merged))).toEqual(offsetsOf(ranges));
        expect(countOffsets(merged)).toBe(offsetsOf(ranges).length);
        for (const each of merged.values()) {
          each.slice(1).forEach(({ from }, i) => {
            expect(from > (each[i]?.to ?? from)).toBe(true);
          });
        }
      }),
    );
  });

  it('span from the first offset of a partition to its last', () => {
    const ranges = mergeRanges([
      [0, { from: 7n, to: 9n }],
      [0, { from: 2n, to: 3n }],
      [4, { from: 1n, to: 2n }],
    ]);
    expect(hullOf(ranges)).toEqual(
      new Map([
        [0, { from: 2n, to: 9n }],
        [4, { from: 1n, to: 2n }],
      ]),
    );
  });

  it('are read in spans: what is near each other in one, what is far away in a turn of its own', () => {
    const at = (offset: bigint) => [0, { from: offset, to: offset + 1n }] as const;
    const known = mergeRanges([at(5n), at(10_006n), at(20_008n), at(900_000n)]);
    expect(spansOf(known)).toEqual(
      new Map([
        [
          0,
          [
            { from: 5n, to: 10_007n },
            { from: 20_008n, to: 20_009n },
            { from: 900_000n, to: 900_001n },
          ],
        ],
      ]),
    );
    expect(bytesToRead({ known }, 100)).toBe(10_004 * 100 + 3 * 65_536);
  });

  it('are the same after they were a text', () => {
    fc.assert(
      fc.property(given, (ranges) => {
        for (const each of mergeRanges(ranges).values()) {
          expect(rangesInText(textOfRanges(each))).toEqual(each);
        }
      }),
    );
  });

  it('are a short text, also where offsets have 64 bits', () => {
    const at = (from: bigint, length = 1n) => ({ from, to: from + length });
    expect(textOfRanges([at(1200n), at(1205n, 3n)])).toBe('1200,4+3');
    const late = [at(9_223_372_036_854_775_000n), at(9_223_372_036_854_775_005n)];
    expect(textOfRanges(late)).toBe('9223372036854775000,4');
    expect(rangesInText(textOfRanges(late))).toEqual(late);
  });

  it('are none in any other text', () => {
    for (const text of ['', ',', '1,', '-1', '1+', '1.5', 'x']) {
      expect(rangesInText(text)).toBeUndefined();
    }
  });
});

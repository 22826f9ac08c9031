import { describe, expect, it } from 'vitest';
import { MOST_RANGES } from '#shared/domain/bad-offsets.ts';
import { badOffsetsOf } from '../../../../functions/loader/dead-letters/bad-offsets-of.ts';
import { NotedOffsets } from '../../../../functions/loader/dead-letters/noted-offsets.ts';

const at = (partition: number, offset: number) => ({ partition, offset: BigInt(offset) });
const span = (from: number, to: number) => ({ from: BigInt(from), to: BigInt(to) });

describe('noted offsets', () => {
  it('are ranges of neighbours by partition', () => {
    const noted = new NotedOffsets();
    for (const offset of [3, 4, 9]) noted.add(at(0, offset));
    noted.addRange({ partition: 1, ...span(2, 8), count: 5 });
    noted.add(at(0, 5));
    expect(noted.ranges()).toEqual(
      new Map([
        [0, [span(3, 6), span(9, 10)]],
        [1, [span(2, 8)]],
      ]),
    );
    expect([noted.noted, noted.notKept]).toEqual([9, 0]);
  });

  it('have a bound, behind which they are only counted', () => {
    const noted = new NotedOffsets();
    for (let i = 0; i < MOST_RANGES + 10; i += 1) noted.add(at(i % 7, 2 * i));
    noted.add(at((MOST_RANGES - 1) % 7, 2 * (MOST_RANGES - 1) + 1));
    expect([noted.noted, noted.notKept]).toEqual([MOST_RANGES + 1, 10]);
  });
});

describe('the bad records of a slice', () => {
  const READ = new Map([
    [0, [span(0, 100)]],
    [1, [span(50, 60)]],
  ]);
  const counts = (rejected: number) => ({
    counts: new Map([[0, { rows: 10, rejected, filtered: 0, skipped: 0 }]]),
  });
  const judgedWith = (rejected: number, listed: { partition: number; offset: bigint }[]) => ({
    total: 20,
    rejected,
    unselected: 0,
    examples: [],
    listed,
  });
  const notedAt = (...offsets: number[]) => {
    const noted = new NotedOffsets();
    for (const offset of offsets) noted.add(at(0, offset));
    return noted;
  };
  const of = (
    noted: NotedOffsets,
    rejected: number,
    judged?: ReturnType<typeof judgedWith> | undefined,
  ) => badOffsetsOf({ noted, judged, read: READ, statistics: counts(rejected), topicId: 'T' });

  it('are none where none was rejected', () => {
    expect(of(notedAt(), 0)).toBeUndefined();
  });

  it('are those that we rejected and those that the destination lists, each once', () => {
    const judged = judgedWith(3, [at(1, 50), at(0, 8), at(0, 7), at(1, 50)]);
    expect(of(notedAt(9), 4, judged)).toEqual({
      topicId: 'T',
      known: new Map([
        [0, [span(7, 10)]],
        [1, [span(50, 51)]],
      ]),
      notListed: 0,
      notKept: 0,
    });
  });

  it('are not known as far as the destination does not list them', () => {
    expect(of(notedAt(9), 6, judgedWith(5, [at(0, 3)]))).toMatchObject({
      known: new Map([[0, [span(3, 4), span(9, 10)]]]),
      notListed: 4,
    });
    expect(of(notedAt(), 5, judgedWith(5, []))).toMatchObject({ known: new Map(), notListed: 5 });
  });

  it('are not known where the destination lists more than it rejected, or what was not sent', () => {
    const many = judgedWith(1, [at(0, 3), at(0, 4)]);
    expect(of(notedAt(), 1, many)).toMatchObject({ known: new Map(), notListed: 1 });
    for (const strange of [at(0, 100), at(1, 49), at(2, 5)]) {
      const judged = judgedWith(2, [at(0, 3), strange]);
      expect(of(notedAt(), 2, judged)).toMatchObject({ known: new Map(), notListed: 2 });
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeErrors, slideWindow } from '../../../../functions/shared/domain/error-budget.ts';

const fresh = { rows: 0, bad: 0 };
const anyRatio = { maxFilterRatio: 1 };

/** Rows and bad ones among them. */
const rowsWithin = (max: number) =>
  fc.nat({ max }).chain((rows) => fc.nat({ max: rows }).map((bad) => ({ rows, bad })));
const slices = rowsWithin(30_000);
/** What a window can hold before it begins anew. */
const windows = rowsWithin(9_999);

describe('errors.maxPerTenThousand', () => {
  it('of 0 allows no bad row, and any number of good ones', () => {
    fc.assert(
      fc.property(windows, slices, (window, slice) => {
        const { verdict } = judgeErrors(window, slice, { maxPerTenThousand: 0, ...anyRatio });
        expect(verdict).toBe(slice.bad === 0 ? 'within' : 'over');
      }),
    );
  });

  it('of 10,000 allows everything', () => {
    fc.assert(
      fc.property(windows, slices, (window, slice) => {
        const { verdict } = judgeErrors(window, slice, { maxPerTenThousand: 10_000, ...anyRatio });
        expect(verdict).toBe('within');
      }),
    );
    const slice = { rows: 10_003, bad: 10_003 };
    expect(judgeErrors(fresh, slice, { maxPerTenThousand: 10_000, ...anyRatio }).verdict).toBe(
      'within',
    );
  });

  it('allows that many bad rows in a small window, and their share of a large one', () => {
    const limits = { maxPerTenThousand: 5, ...anyRatio };
    expect(judgeErrors(fresh, { rows: 5, bad: 5 }, limits).verdict).toBe('within');
    expect(judgeErrors(fresh, { rows: 6, bad: 6 }, limits).verdict).toBe('over');
    expect(judgeErrors(fresh, { rows: 40_000, bad: 20 }, limits).verdict).toBe('within');
    expect(judgeErrors(fresh, { rows: 40_000, bad: 21 }, limits).verdict).toBe('over');
  });

  it('never turns a verdict to over by more good rows, or to within by more bad ones', () => {
    const limit = fc.nat({ max: 10_000 });
    fc.assert(
      fc.property(windows, slices, limit, fc.nat({ max: 500 }), (window, slice, max, more) => {
        const limits = { maxPerTenThousand: max, ...anyRatio };
        const { verdict } = judgeErrors(window, slice, limits);
        const cleaner = judgeErrors(window, { ...slice, rows: slice.rows + more }, limits);
        const dirtier = judgeErrors(window, { rows: slice.rows, bad: slice.bad + more }, limits);
        if (verdict === 'within') expect(cleaner.verdict).toBe('within');
        if (verdict === 'over') expect(dirtier.verdict).toBe('over');
      }),
    );
  });

  it('does not blame a slice without bad rows for those before it', () => {
    const window = { rows: 100, bad: 9 };
    const limits = { maxPerTenThousand: 3, ...anyRatio };
    expect(judgeErrors(window, { rows: 1, bad: 0 }, limits).verdict).toBe('within');
  });

  it('names the limit when it is passed', () => {
    expect(
      judgeErrors(
        { rows: 90, bad: 1 },
        { rows: 10, bad: 2 },
        { maxPerTenThousand: 2, ...anyRatio },
      ),
    ).toEqual({
      verdict: 'over',
      message: '3 bad rows among the last 100, allowed: 2 (errors.maxPerTenThousand is 2)',
    });
  });
});

describe('the window', () => {
  it('carries small slices on, and begins anew at ten thousand rows', () => {
    const window = slideWindow(fresh, { rows: 4_000, bad: 3 });
    expect(window).toEqual({ rows: 4_000, bad: 3 });
    expect(slideWindow(window, { rows: 5_999, bad: 1 })).toEqual({ rows: 9_999, bad: 4 });
    expect(slideWindow(window, { rows: 6_000, bad: 1 })).toEqual(fresh);
  });

  it('never holds ten thousand rows or more', () => {
    fc.assert(
      fc.property(windows, slices, (window, slice) => {
        expect(slideWindow(window, slice).rows).toBeLessThan(10_000);
      }),
    );
  });
});

describe('errors.maxFilterRatio', () => {
  it('holds for the slice alone, the limit itself allowed', () => {
    const limits = { maxPerTenThousand: 10_000, maxFilterRatio: 0.25 };
    expect(judgeErrors({ rows: 10, bad: 10 }, { rows: 4, bad: 1 }, limits).verdict).toBe('within');
    expect(judgeErrors(fresh, { rows: 3, bad: 1 }, limits)).toEqual({
      verdict: 'over',
      message: '1 of 3 rows are bad (ratio 0.3333), allowed: errors.maxFilterRatio 0.25',
    });
    expect(judgeErrors(fresh, { rows: 0, bad: 0 }, limits).verdict).toBe('within');
  });
});

import { describe, expect, it } from 'vitest';
import { withJudgement } from '../../../../functions/loader/rows/judged-counts.ts';
import type { TaskStatistics } from '../../../../functions/shared/domain/task.ts';

const counts = (rows: number, more: object = {}) => ({
  rows,
  filtered: 0,
  rejected: 0,
  skipped: 0,
  ...more,
});
const statistics = (entries: [number, ReturnType<typeof counts>][]): TaskStatistics => ({
  counts: new Map(entries),
  bytes: 1,
  writtenBytes: 1,
  badRows: [],
  policies: [],
});
const judged = (more: object = {}) => ({
  total: 0,
  rejected: 0,
  unselected: 0,
  examples: [],
  listed: [],
  ...more,
});

describe('what a destination judged', () => {
  it('is taken from rows, so that each partition keeps its sum', () => {
    const before = statistics([
      [0, counts(2, { rejected: 1 })],
      [1, counts(5)],
    ]);
    const after = withJudgement(before, judged({ total: 7, rejected: 3, unselected: 1 }), {
      isExact: true,
    });
    expect([...after.counts]).toEqual([
      [0, counts(0, { rejected: 3 })],
      [1, counts(3, { rejected: 1, filtered: 1 })],
    ]);
  });

  it('must be as many rows as were sent, else it reads other rows than were written', () => {
    const sent = statistics([[0, counts(3)]]);
    expect(() => withJudgement(sent, judged({ total: 2 }), { isExact: true })).toThrow(
      /saw 2 rows, sent were 3/,
    );
    expect(withJudgement(sent, judged({ total: 9 }), { isExact: false }).counts).toEqual(
      sent.counts,
    );
  });

  it('has examples that fit the decision, whatever the destination says of a row', () => {
    const examples = [{ reason: 'x'.repeat(500_000), excerpt: '' }];
    const given = judged({ total: 1, rejected: 1, examples });
    const { badRows } = withJudgement(statistics([[0, counts(1)]]), given, { isExact: true });
    expect(badRows.map(({ reason }) => reason)).toEqual([`${'x'.repeat(1_000)}...`]);
  });

  it('tells how many rows there are where records hold several', () => {
    const sent = statistics([[0, counts(3)]]);
    const given = judged({ total: 9, rejected: 1, unselected: 1 });
    const after = withJudgement(sent, given, { isExact: false });
    expect(after.elements).toBe(7);
    expect([...after.counts]).toEqual([[0, counts(1, { rejected: 1, filtered: 1 })]]);
  });

  it('has examples, whose partition is known where there is but one', () => {
    const row = { reason: 'bad', excerpt: 'x' };
    const given = judged({ total: 3, rejected: 1, examples: [row] });
    const one = withJudgement(statistics([[4, counts(3)]]), given, { isExact: true });
    expect(one.badRows).toEqual([{ ...row, partition: 4 }]);
    const two = statistics([
      [4, counts(1)],
      [5, counts(2)],
    ]);
    expect(withJudgement(two, given, { isExact: true }).badRows).toEqual([
      { ...row, partition: undefined },
    ]);
  });
});

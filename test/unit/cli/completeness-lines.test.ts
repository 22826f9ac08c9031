import { expect, it } from 'vitest';
import { completenessLines } from '../../../cli/completeness-lines.ts';

const NONE = { rows: 0, elements: 0, rejected: 0, filtered: 0, skipped: 0 };
type Proof = Parameters<typeof completenessLines>[0];

/** What stands below the table. */
function below(totals: Partial<Proof['totals']>): string[] {
  const lines = completenessLines(
    {
      ...{ id: 'J1', name: 'flights', state: 'RUNNING', generation: 1, partitions: {} },
      ...{ complete: true, message: 'so it is', asOf: '2026-03-01T12:00:00.000Z' },
      totals: {
        ...{ partitions: 1, offsets: '0', holes: '0', tasks: 1, faults: 0 },
        ...NONE,
        redriven: NONE,
        ...totals,
      },
    },
    100,
  );
  return lines.slice(3, -1);
}

it('offsets are shown as the sum of what became of them', () => {
  const totals = { offsets: '15', holes: '4', rows: 7, elements: 7, rejected: 1, skipped: 3 };
  expect(below(totals)).toEqual([
    '15 offsets = 7 rows + 0 filtered + 1 rejected + 3 skipped + 4 holes',
  ]);
});

it('records that made another number of rows are told from these, loaded again or not', () => {
  const redriven = { ...NONE, rows: 2, elements: 9 };
  expect(below({ offsets: '7', rows: 4, elements: 10, rejected: 3, redriven })).toEqual([
    '7 offsets = 4 records (which made 10 rows) + 0 filtered + 3 rejected + 0 skipped + 0 holes',
    'and 2 records (which made 9 rows) of the rejected ones, loaded again from dead letters',
  ]);
});

it('what does not add up is not shown as a sum', () => {
  expect(below({ offsets: '7', rows: 4, elements: 4, faults: 1 })).toEqual([]);
});

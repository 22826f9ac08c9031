import { LoadFailure } from '#shared/domain/failure.ts';
import {
  type BadRow,
  type PartitionCounts,
  type TaskStatistics,
  totalCounts,
} from '#shared/domain/task.ts';
import type { RowsJudged } from '../sinks/sink.ts';
import { shortened } from './bad-rows.ts';

/** As many examples as a slice's own bad rows have. */
const EXAMPLES = 10;

/**
 * The statistics of a slice whose rows the destination has judged.
 *
 * The destination counts over all partitions, so what it rejected or left out is taken from the partitions in
 * their order: the sums are exact, and so is every partition's sum over all kinds.
 *
 * @param isExact whether every row that was sent is one that the destination counts
 * @throws {LoadFailure} SINK_REJECTED when it saw another number of rows than were sent: then it reads them in
 * another way than they were written, and what it holds is not what was meant
 */
export function withJudgement(
  statistics: TaskStatistics,
  judged: RowsJudged,
  { isExact }: { readonly isExact: boolean },
): TaskStatistics {
  const sent = [...statistics.counts.values()].reduce((sum, { rows }) => sum + rows, 0);
  if (isExact && judged.total !== sent) {
    throw new LoadFailure(
      'SINK_REJECTED',
      `the destination saw ${judged.total} rows, sent were ${sent}: format and settings do not fit each other`,
      { facts: { sent, seen: judged.total } },
    );
  }
  const rejected = takeFrom(statistics.counts, 'rejected', judged.rejected);
  const counts = takeFrom(rejected, 'filtered', judged.unselected);
  const loaded = judged.total - judged.rejected - judged.unselected;
  return {
    ...statistics,
    counts,
    ...(loaded !== totalCounts(counts).rows && { elements: loaded }),
    badRows: [...statistics.badRows, ...judged.examples.map(asBadRow(statistics))].slice(
      0,
      EXAMPLES,
    ),
  };
}

/** Turns `many` rows into what became of them instead. */
function takeFrom(
  counts: ReadonlyMap<number, PartitionCounts>,
  kind: 'rejected' | 'filtered',
  many: number,
): ReadonlyMap<number, PartitionCounts> {
  let left = many;
  return new Map(
    [...counts].map(([partition, count]) => {
      const taken = Math.min(left, count.rows);
      left -= taken;
      return [partition, { ...count, rows: count.rows - taken, [kind]: count[kind] + taken }];
    }),
  );
}

/** The partition is known where there is but one. */
function asBadRow({ counts }: TaskStatistics): (row: RowsJudged['examples'][number]) => BadRow {
  const [only, ...others] = counts.keys();
  return (row) => ({
    ...row,
    reason: shortened(row.reason),
    partition: row.partition ?? (others.length === 0 ? only : undefined),
  });
}

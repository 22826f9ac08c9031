import type * as z from 'zod';
import type { completenessView } from '../../functions/api/views/completeness-view.ts';
import { plainTable } from './demo/figures.ts';

/** Partitions beyond these are only shown where something is wrong with them. */
const MOST_PARTITIONS = 100;

type Totals = z.infer<typeof completenessView>['totals'];

/** Every offset is in exactly one of the counts. */
function sum(totals: Totals): string {
  const { offsets, filtered, rejected, skipped, holes } = totals;
  return `${offsets} offsets = ${recordsAndRows(totals)} + ${filtered} filtered + ${rejected} rejected + ${skipped} skipped + ${holes} holes`;
}

/** Counts are of records; a value that is an array makes several rows. */
function recordsAndRows({ rows, elements }: Pick<Totals, 'rows' | 'elements'>): string {
  return elements === rows ? `${rows} rows` : `${rows} records (which made ${elements} rows)`;
}

/** A proof as a plain table, the sum below it, faults in words below it, and a sentence that says what it came to. */
export function completenessLines(proof: z.infer<typeof completenessView>): string[] {
  const all = Object.entries(proof.partitions);
  const shown = all.filter(([, { faults }], i) => i < MOST_PARTITIONS || faults.length > 0);
  const { totals } = proof;
  const table = plainTable([
    [
      'partition',
      'start',
      'proven from',
      'committed',
      'rows',
      'filtered',
      'rejected',
      'skipped',
      'holes',
      'tasks',
    ],
    ...shown.map(([partition, each]) =>
      [
        partition,
        ...[each.start, each.provenFrom, each.committed, each.rows],
        ...[each.filtered, each.rejected, each.skipped, each.holes ?? '?', each.tasks],
      ].map(String),
    ),
    [
      'all',
      '',
      '',
      totals.offsets,
      totals.rows,
      totals.filtered,
      totals.rejected,
      totals.skipped,
      totals.holes,
      totals.tasks,
    ].map(String),
  ]);
  const left = all.length - shown.length;
  const faults = shown.flatMap(([partition, each]) =>
    each.faults.map(
      ({ kind, from, to, tasks }) =>
        `  partition ${partition}: ${kind} [${from}, ${to}), tasks ${tasks.join(', ') || 'none'}`,
    ),
  );
  const verdict = {
    true: 'complete',
    partial: 'complete as far as it reaches',
    false: 'NOT COMPLETE',
  };
  return [
    `job ${proof.name} (${proof.id}), ${proof.state}, as of ${proof.asOf}`,
    ...table,
    ...(totals.faults === 0 ? [sum(totals)] : []),
    ...(totals.redriven.rows > 0
      ? [
          `and ${recordsAndRows(totals.redriven)} of the rejected ones, loaded again from dead letters`,
        ]
      : []),
    ...(left > 0 ? [`and ${left} partitions more, without a fault`] : []),
    ...faults,
    `${verdict[`${proof.complete}`]}: ${proof.message}`,
  ];
}

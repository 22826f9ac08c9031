import type { ProofAnswer } from './answers.ts';
import { grouped, oneLine } from './figures.ts';
import { table, wrapped } from './table.ts';

/** Partitions beyond these are only shown where something is wrong with them. */
const MOST_PARTITIONS = 100;

type Totals = ProofAnswer['totals'];
type Counted = Pick<Totals, 'rows' | 'filtered' | 'rejected' | 'skipped' | 'tasks'>;

const TITLES = [
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
];

const VERDICTS = {
  true: 'complete',
  partial: 'complete as far as it reaches',
  false: 'NOT COMPLETE',
};

/** A proof as a plain table, the sum below it, faults in words below it, and a sentence that says what it came to. */
export function completenessLines(proof: ProofAnswer, width: number): string[] {
  const all = Object.entries(proof.partitions);
  const shown = all.filter(([, { faults }], i) => i < MOST_PARTITIONS || faults.length > 0);
  const { totals } = proof;
  const left = all.length - shown.length;
  return [
    `job ${oneLine(proof.name)} (${proof.id}), ${oneLine(proof.state)}, as of ${proof.asOf}`,
    ...table(
      TITLES.map((title, i) => ({ title, right: i > 0 })),
      [
        ...shown.map(([partition, each]) => [
          partition,
          ...[each.start, each.provenFrom, each.committed].map(grouped),
          ...counts(each, each.holes),
        ]),
        ['all', '', '', grouped(totals.offsets), ...counts(totals, totals.holes)],
      ],
      width,
    ),
    ...(totals.faults === 0 ? wrapped(sum(totals), width) : []),
    ...redrivenLines(totals),
    ...(left > 0 ? [`and ${left} partitions more, without a fault`] : []),
    ...shown.flatMap(([partition, each]) =>
      each.faults.map((fault) => faultText(partition, fault)),
    ),
    ...wrapped(`${VERDICTS[`${proof.complete}`]}: ${oneLine(proof.message)}`, width),
  ];
}

function counts(of: Counted, holes: string | undefined): string[] {
  const { rows, filtered, rejected, skipped, tasks } = of;
  return [
    ...[rows, filtered, rejected, skipped].map(grouped),
    holes === undefined ? '?' : grouped(holes),
    grouped(tasks),
  ];
}

/** Every offset is in exactly one of the counts. */
function sum(totals: Totals): string {
  const [offsets, filtered, rejected, skipped, holes] = [
    totals.offsets,
    totals.filtered,
    totals.rejected,
    totals.skipped,
    totals.holes,
  ].map(grouped);
  return `${offsets} offsets = ${recordsAndRows(totals)} + ${filtered} filtered + ${rejected} rejected + ${skipped} skipped + ${holes} holes`;
}

/** Counts are of records; a value that is an array makes several rows. */
function recordsAndRows({ rows, elements }: Pick<Totals, 'rows' | 'elements'>): string {
  return elements === rows
    ? `${grouped(rows)} rows`
    : `${grouped(rows)} records (which made ${grouped(elements)} rows)`;
}

function redrivenLines({ redriven }: Totals): string[] {
  return redriven.rows === 0
    ? []
    : [`and ${recordsAndRows(redriven)} of the rejected ones, loaded again from dead letters`];
}

function faultText(
  partition: string,
  { kind, from, to, tasks }: ProofAnswer['partitions'][string]['faults'][number],
): string {
  return `  partition ${partition}: ${oneLine(kind)} [${from}, ${to}), tasks ${tasks.join(', ') || 'none'}`;
}

import * as z from 'zod';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import type { TilingFault } from '#shared/domain/tiling.ts';
import type { Completeness, ProvenPartition, RedrivenCounts } from '../prove-completeness.ts';
import { byPartition, count, offset, time, viewTime } from './parts.ts';

const faultView = z.strictObject({
  /** `gap`: loaded by no task; `overlap`: by several; `outside`: though not asked for; `surplus`: more records than offsets. */
  kind: z.enum(['gap', 'overlap', 'outside', 'surplus']),
  /** Half-open. */
  from: offset,
  to: offset,
  /** Those that loaded it; of a gap, its neighbours. */
  tasks: z.array(z.string()),
});

const verdictView = z.union([z.boolean(), z.literal('partial')]);

/** `rows + filtered + rejected + skipped + holes = committed - provenFrom`, where there is no fault. */
const partitionView = z.strictObject({
  complete: verdictView,
  /** Where loading began, with which division and when: at creation, or at the last jump. */
  start: offset,
  since: z.strictObject({ generation: count, at: time }),
  /** The proof reaches from here, the start or later, to `committed`. */
  provenFrom: offset,
  committed: offset,
  rows: count,
  rejected: count,
  filtered: count,
  skipped: count,
  /** Offsets without a record, which compaction and transaction markers leave. */
  holes: offset.optional(),
  tasks: count,
  faults: z.array(faultView),
});

/** What the ledger of finished tasks says about the completeness of a job. */
export const completenessView = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(JOB_STATES),
  generation: count,
  /** `partial`: nothing contradicts it, but it reaches less far back than loading does. */
  complete: verdictView,
  message: z.string(),
  asOf: time,
  totals: z.strictObject({
    partitions: count,
    /** `rows + filtered + rejected + skipped + holes`, where there is no fault. */
    offsets: offset,
    /** Records that became rows. */
    rows: count,
    /** Rows in the destination that these records made: as many, but for values that are arrays. */
    elements: count,
    rejected: count,
    filtered: count,
    skipped: count,
    holes: offset,
    tasks: count,
    faults: count,
    /** Rejected rows that were loaded again, by what became of them; they stay counted as rejected. */
    redriven: z.strictObject({
      rows: count,
      elements: count,
      rejected: count,
      filtered: count,
      skipped: count,
    }),
  }),
  partitions: byPartition(partitionView),
});

type Verdict = z.infer<typeof verdictView>;

/** A proof as it is sent. */
export function viewCompleteness(
  proof: Completeness,
  retentionDays: number,
): z.input<typeof completenessView> {
  const { job, partitions } = proof;
  const complete = partitions.map(verdictOf).reduce(worse, true);
  const totals = {
    offsets: 0n,
    rows: 0,
    elements: 0,
    filtered: 0,
    rejected: 0,
    skipped: 0,
    holes: 0n,
    tasks: 0,
    faults: 0,
  };
  for (const each of partitions) {
    totals.offsets += each.committed - each.provenFrom;
    totals.rows += each.rows;
    totals.elements += each.rows + each.extraRows;
    totals.rejected += each.rejected;
    totals.filtered += each.filtered;
    totals.skipped += each.skipped;
    totals.holes += each.holes ?? 0n;
    totals.tasks += each.tasks;
    totals.faults += each.faults.length;
  }
  return {
    id: job.id,
    name: job.spec.name,
    state: job.state,
    generation: job.generation,
    complete,
    message: sentence(proof, complete, retentionDays),
    asOf: viewTime(proof.asOf),
    totals: {
      partitions: partitions.length,
      ...totals,
      redriven: viewRedriven(proof.redriven),
      offsets: String(totals.offsets),
      holes: String(totals.holes),
    },
    partitions: Object.fromEntries(
      partitions.map((each) => [String(each.partition), viewPartition(each)]),
    ),
  };
}

function viewRedriven({ extraRows, ...counts }: RedrivenCounts) {
  return { ...counts, elements: counts.rows + extraRows };
}

function verdictOf({ faults, provenFrom, start }: ProvenPartition): Verdict {
  if (faults.length > 0) return false;
  return provenFrom > start.offset ? 'partial' : true;
}

function worse(a: Verdict, b: Verdict): Verdict {
  if (a === false || b === false) return false;
  return a === 'partial' || b === 'partial' ? 'partial' : true;
}

function sentence(
  { job, partitions, sawAll }: Completeness,
  complete: Verdict,
  days: number,
): string {
  if (job.generation === 0) return 'nothing was loaded yet: the job has not been divided';
  if (complete === true) {
    return 'every offset from start to committed was loaded by exactly one task';
  }
  if (complete === false) {
    const faulty = partitions.filter(({ faults }) => faults.length > 0).length;
    return `the finished tasks do not tile the offsets of ${faulty} of ${partitions.length} partitions, see faults`;
  }
  return sawAll
    ? `every offset from provenFrom to committed was loaded by exactly one task; finished tasks are kept for ${days} days, older ones are gone`
    : 'every offset from provenFrom to committed was loaded by exactly one task; there was no time to look at older ones';
}

function viewPartition(each: ProvenPartition) {
  const { start, rows, filtered, rejected, skipped, holes, tasks } = each;
  return {
    complete: verdictOf(each),
    start: String(start.offset),
    since: { generation: start.generation, at: viewTime(start.at) },
    provenFrom: String(each.provenFrom),
    committed: String(each.committed),
    rows,
    rejected,
    filtered,
    skipped,
    holes: holes === undefined ? undefined : String(holes),
    tasks,
    faults: each.faults.map(viewFault),
  };
}

function viewFault({ kind, from, to, tasks }: TilingFault): z.input<typeof faultView> {
  return { kind, from: String(from), to: String(to), tasks: [...tasks] };
}

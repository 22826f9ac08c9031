import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { LoadStart } from '#shared/domain/lane.ts';
import {
  extraRows,
  NO_COUNTS,
  type PartitionCounts,
  type Task,
  type TaskStatistics,
  totalCounts,
} from '#shared/domain/task.ts';
import { type PartitionProof, PartitionTiling, type Piece } from '#shared/domain/tiling.ts';
import { finishedTasks } from '#shared/store/finished-tasks.ts';
import type { Tables } from '#shared/store/tables.ts';
import { readSnapshot } from './job-snapshot.ts';

/**
 * The proof, from the records of finished tasks, that what a job has loaded is complete.
 *
 * The lanes are read first, and the answer is as of their offsets: every slice below was finished before, so
 * its task is found after. Tasks of generations before the one in which a partition's loading began, and
 * after the one whose lanes were read, do not count.
 */

/** What a proof needs. Times in ms. */
export interface ProofDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly retentionDays: number;
}

/** One partition's part of the proof. */
export interface ProvenPartition extends PartitionProof {
  readonly partition: number;
  readonly start: LoadStart;
  /** Where it stood: the proof ends here. */
  readonly committed: bigint;
}

/** Rows that were loaded again, as records, and what they made beyond one row each. */
export interface RedrivenCounts extends PartitionCounts {
  readonly extraRows: number;
}

/** What a proof came to. `asOf` is epoch ms. */
export interface Completeness {
  readonly job: Job;
  readonly asOf: number;
  /** By partition. */
  readonly partitions: readonly ProvenPartition[];
  /** What became of rejected rows that were loaded again; they stay counted as rejected. */
  readonly redriven: RedrivenCounts;
  /** False when time was up: older tasks were not looked at. */
  readonly sawAll: boolean;
}

const DAY_MS = 86_400_000;

/** Whoever deletes expired tasks, and those who wrote their times, may have clocks that differ by this much. */
const CLOCK_MARGIN_MS = 3_600_000;

interface OpenPartition {
  readonly partition: number;
  readonly start: LoadStart;
  readonly committed: bigint;
  readonly tiling: PartitionTiling;
}

/**
 * Proves the completeness of all partitions of a job. Tasks are read page by page; memory goes with the number
 * of partitions, not of tasks.
 *
 * @param deadline epoch ms after which no further page is read; the proof then reaches less far back
 */
export async function proveCompleteness(
  deps: ProofDeps,
  job: Job,
  deadline: number,
): Promise<Completeness> {
  const { tables, clock } = deps;
  const asOf = clock.now();
  const snapshot = await readSnapshot(tables, job);
  const open = new Map<number, OpenPartition>();
  for (const lane of snapshot.lanes) {
    for (const [partition, committed] of lane.next) {
      const start = lane.start.get(partition);
      if (start === undefined) {
        throw new LoadFailure('INTERNAL', `the lane of partition ${partition} has no start for it`);
      }
      const tiling = new PartitionTiling(start.offset, committed);
      open.set(partition, { partition, start, committed, tiling });
    }
  }
  const { generation } = snapshot.job;
  const walk = (
    visit: (tiling: PartitionTiling, piece: Piece) => void,
    visitRedriven: (task: Task) => void = () => {},
  ) => walkPieces(deps, { jobId: job.id, generation, open, deadline }, { visit, visitRedriven });
  let redriven: RedrivenCounts = { ...NO_COUNTS, extraRows: 0 };
  const sawAll = await walk(
    (tiling, piece) => tiling.add(piece),
    ({ decision }) => {
      if (decision) redriven = addRedriven(redriven, decision.statistics);
    },
  );
  if ([...open.values()].some(({ tiling }) => tiling.hasOverlap)) {
    await walk((tiling, piece) => tiling.blame(piece));
  }
  const expiredBefore = asOf - deps.retentionDays * DAY_MS + CLOCK_MARGIN_MS;
  const partitions = [...open.values()]
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, start, committed, tiling }) => ({
      partition,
      start,
      committed,
      ...tiling.proof({ begunAt: start.at, expiredBefore, isCut: !sawAll }),
    }));
  return { job: snapshot.job, asOf, partitions, redriven, sawAll };
}

function addRedriven(sum: RedrivenCounts, statistics: TaskStatistics): RedrivenCounts {
  const counts = totalCounts(statistics.counts);
  return {
    rows: sum.rows + counts.rows,
    extraRows: sum.extraRows + extraRows(statistics),
    filtered: sum.filtered + counts.filtered,
    rejected: sum.rejected + counts.rejected,
    skipped: sum.skipped + counts.skipped,
  };
}

/** @returns whether all tasks were seen before the deadline */
async function walkPieces(
  { tables, clock }: ProofDeps,
  job: {
    readonly jobId: string;
    readonly generation: number;
    readonly open: ReadonlyMap<number, OpenPartition>;
    readonly deadline: number;
  },
  {
    visit,
    visitRedriven,
  }: {
    readonly visit: (tiling: PartitionTiling, piece: Piece) => void;
    readonly visitRedriven: (task: Task) => void;
  },
): Promise<boolean> {
  for await (const tasks of finishedTasks(tables, job.jobId)) {
    if (clock.now() > job.deadline) return false;
    for (const task of tasks) {
      if (task.generation > job.generation) continue;
      if (task.redrive) visitRedriven(task);
      for (const [partition, piece] of piecesOf(task)) {
        const mine = job.open.get(partition);
        if (mine && task.generation >= mine.start.generation) visit(mine.tiling, piece);
      }
    }
  }
  return true;
}

/** By the decision's ends, not the slice's: reading can have ended early. */
function* piecesOf({ id, slice, decision, finishedAt = 0 }: Task): Generator<[number, Piece]> {
  if (decision === undefined) return;
  let extra = extraRows(decision.statistics);
  for (const [partition, { from }] of slice) {
    const to = decision.to.get(partition) ?? from;
    const counts = decision.statistics.counts.get(partition) ?? NO_COUNTS;
    if (to <= from) continue;
    yield [partition, { taskId: id, from, to, finishedAt, counts, extraRows: extra }];
    extra = 0;
  }
}

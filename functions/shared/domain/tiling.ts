import type { OffsetRange } from './offsets.ts';
import { NO_COUNTS, type PartitionCounts } from './task.ts';

/**
 * Whether what finished tasks loaded of a partition tiles its offsets: from where loading began to where it
 * stands, without gap or overlap, and with no more rows than offsets.
 *
 * - Pieces come in any order. Those that touch are merged at once, so that memory does not grow with
 *   their number but with the number of holes between them; in the order of the tasks that is one.
 * - Offsets between the counted records are holes: compaction and transaction markers leave them, and nothing
 *   but the log itself could say which. So they are derived, and more records than offsets is a fault.
 */

/** What one finished task loaded of the partition: not empty. `finishedAt` is epoch ms. */
export interface Piece extends OffsetRange {
  readonly taskId: string;
  readonly finishedAt: number;
  readonly counts: PartitionCounts;
  /** Rows that the task made beyond one a record; of its pieces in several partitions one has them all. */
  readonly extraRows?: number | undefined;
}

/**
 * What contradicts the tiling, with its exact range.
 *
 * - `gap`: no task loaded it; `tasks` are the neighbours, as far as there are any;
 * - `overlap`: more than one task loaded it;
 * - `outside`: loaded, but before where loading began or beyond where the partition stands;
 * - `surplus`: the task counts more records than its range has offsets.
 */
export interface TilingFault extends OffsetRange {
  readonly kind: 'gap' | 'overlap' | 'outside' | 'surplus';
  /** Ten of them at most. */
  readonly tasks: readonly string[];
}

/** What the pieces come to. Counts are those of the offsets from `provenFrom` on. */
export interface PartitionProof extends PartitionCounts {
  /** The tiling holds from here on: the start, unless older tasks have expired or were not looked at. */
  readonly provenFrom: bigint;
  readonly tasks: number;
  readonly extraRows: number;
  /** Offsets without a record; absent where faults make it meaningless. */
  readonly holes?: bigint | undefined;
  readonly faults: readonly TilingFault[];
}

/** What decides whether a gap can be what expired tasks left. Times in epoch ms. */
export interface Horizon {
  /** When loading began at the start. */
  readonly begunAt: number;
  /** Tasks that finished before may be gone. */
  readonly expiredBefore: number;
  /** Older tasks were not looked at. */
  readonly isCut: boolean;
}

/** A fault names no more tasks than this, and a partition no more faults. */
const MOST_TASKS = 10;
const MOST_FAULTS = 20;

/** Pieces without a gap between them. */
interface Run {
  from: bigint;
  to: bigint;
  first: Piece;
  last: Piece;
  tasks: number;
  extraRows: number;
  rows: number;
  filtered: number;
  rejected: number;
  skipped: number;
}

type OpenFault = TilingFault & { readonly tasks: string[] };

/** The tiling of one partition between where loading began and where it stands. */
export class PartitionTiling {
  readonly #begin: bigint;
  readonly #end: bigint;
  /** By offset; none touches the next. */
  readonly #runs: Run[] = [];
  readonly #faults: OpenFault[] = [];

  constructor(begin: bigint, end: bigint) {
    this.#begin = begin;
    this.#end = end;
  }

  /** Whether {@link blame} would find more to say. */
  get hasOverlap(): boolean {
    return this.#faults.some(({ kind }) => kind === 'overlap');
  }

  /** A piece. One at or beyond the end was finished after the end was read, and does not count. */
  add(piece: Piece): void {
    if (piece.from >= this.#end) return;
    if (recordsOf(piece.counts) > piece.to - piece.from) this.#fault('surplus', piece);
    if (piece.from < this.#begin) {
      this.#fault('outside', { ...piece, to: min(piece.to, this.#begin) });
    }
    if (piece.to > this.#end) this.#fault('outside', { ...piece, from: this.#end });
    this.#place(piece);
  }

  /** Names further tasks of overlaps: hand over every piece once more. */
  blame({ taskId, from, to }: Piece): void {
    for (const fault of this.#faults) {
      if (fault.kind !== 'overlap' || from >= fault.to || to <= fault.from) continue;
      if (fault.tasks.length < MOST_TASKS && !fault.tasks.includes(taskId))
        fault.tasks.push(taskId);
    }
  }

  /** What it came to. */
  proof(horizon: Horizon): PartitionProof {
    const faults: TilingFault[] = [...this.#faults];
    let provenFrom = this.#begin;
    for (const gap of this.#gaps()) {
      if (isExplained(gap.before, horizon)) provenFrom = gap.to;
      else if (faults.length < MOST_FAULTS) faults.push(asFault(gap));
    }
    const counts = { ...NO_COUNTS, tasks: 0, extraRows: 0 };
    for (const run of this.#runs) {
      if (run.to <= provenFrom) continue;
      counts.rows += run.rows;
      counts.filtered += run.filtered;
      counts.rejected += run.rejected;
      counts.skipped += run.skipped;
      counts.tasks += run.tasks;
      counts.extraRows += run.extraRows;
    }
    const holes = faults.length === 0 ? this.#end - provenFrom - recordsOf(counts) : undefined;
    return { provenFrom, ...counts, holes, faults };
  }

  #place(piece: Piece): void {
    const runs = this.#runs;
    let begin = runs.length;
    while (begin > 0 && (runs[begin - 1]?.to ?? 0n) >= piece.from) begin -= 1;
    let end = begin;
    while (end < runs.length && (runs[end]?.from ?? 0n) <= piece.to) end += 1;
    const touched = runs.slice(begin, end);
    for (const { from, to } of touched) {
      const both = { ...piece, from: max(from, piece.from), to: min(to, piece.to) };
      if (both.from < both.to) this.#fault('overlap', both);
    }
    runs.splice(begin, touched.length, touched.reduce(merge, runOf(piece)));
  }

  #fault(kind: TilingFault['kind'], { from, to, taskId }: Piece): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ kind, from, to, tasks: [taskId] });
  }

  *#gaps(): Generator<Gap> {
    let from = this.#begin;
    let before: Piece | undefined;
    for (const run of this.#runs) {
      if (run.from > from) yield { from, to: run.from, before, after: run.first };
      if (run.to > from) from = run.to;
      before = run.last;
    }
    if (from < this.#end) yield { from, to: this.#end, before, after: undefined };
  }
}

interface Gap extends OffsetRange {
  readonly before: Piece | undefined;
  readonly after: Piece | undefined;
}

/**
 * Whether a gap may be what expired tasks have left. They are deleted in no order, so one may be gone while an
 * older one is still there; but whoever followed a task that has not expired has not expired either.
 */
function isExplained(before: Piece | undefined, horizon: Horizon): boolean {
  return horizon.isCut || (before?.finishedAt ?? horizon.begunAt) < horizon.expiredBefore;
}

function asFault({ from, to, before, after }: Gap): TilingFault {
  return { kind: 'gap', from, to, tasks: [before, after].flatMap((piece) => piece?.taskId ?? []) };
}

function runOf(piece: Piece): Run {
  const { from, to, counts, extraRows = 0 } = piece;
  return { from, to, first: piece, last: piece, tasks: 1, extraRows, ...counts };
}

function merge(a: Run, b: Run): Run {
  return {
    from: min(a.from, b.from),
    to: max(a.to, b.to),
    first: a.from <= b.from ? a.first : b.first,
    last: a.to >= b.to ? a.last : b.last,
    tasks: a.tasks + b.tasks,
    extraRows: a.extraRows + b.extraRows,
    rows: a.rows + b.rows,
    filtered: a.filtered + b.filtered,
    rejected: a.rejected + b.rejected,
    skipped: a.skipped + b.skipped,
  };
}

/** Every record is counted as exactly one of these. */
function recordsOf({ rows, filtered, rejected, skipped }: PartitionCounts): bigint {
  return BigInt(rows + filtered + rejected + skipped);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

import { type Task, totalCounts } from '#shared/domain/task.ts';
import { decodeJob } from '#shared/store/job-record.ts';
import { decodeLane } from '#shared/store/lane-record.ts';
import { decodeTask } from '#shared/store/task-record.ts';
import { type Life, type RecordKind, rowAt } from '../doubles/topic.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import { checkBadRow, type LettersSeen, openLetters } from './dead-letters.ts';
import { nameOfMove, type Records } from './records.ts';

/**
 * What must be true of a job at rest: the sink holds every row below the lane's next offset exactly once (those that
 * its user had it load again once more, those that were gone before they were read never), and nothing else; the ledger of tasks tiles the same ranges; the statistics say the same numbers.
 *
 * The one exception is a task in doubt: of its rows nobody can know whether they are visible, but none may
 * be there once more than that.
 */
export function checkContents(records: Records, draft: JobDraft): void {
  const tasks = [...records.tasks.values()].filter((task) => task.pk === draft.id).map(decodeTask);
  const stood = standing(records, draft.id);
  const expected: Record<RecordKind, number> = { row: 0, hole: 0, tombstone: 0, bad: 0 };
  for (const [partition, runs] of runsOf(records, draft.id, stood)) {
    for (const run of runs) checkLedger(records, tasks, { partition, run });
  }
  const letters = openLetters(records, draft, tasks);
  for (const life of draft.topic.lives) {
    checkLife(records, draft, { life, tasks, stood, letters, expected });
  }
  checkStatistics(records, { draft, tasks, expected });
  checkMoves(records, draft.id);
}

/** What is visible of one topic: others may have had its name before, or since. */
function checkLife(
  records: Records,
  draft: JobDraft,
  at: {
    readonly life: Life;
    readonly tasks: readonly Task[];
    readonly stood: ReadonlyMap<number, bigint>;
    readonly letters: LettersSeen | undefined;
    readonly expected: Record<RecordKind, number>;
  },
): void {
  const { life, tasks, expected, letters } = at;
  const isNow = records.jobs.get(draft.id)?.topicId === life.id;
  const doubtful = tasks.filter(({ status, redrive }) => status === 'IN_DOUBT' && !redrive);
  const all = runsOf(records, draft.id, at.stood);
  for (const [partition, log] of life.logs) {
    const runs = (all.get(partition) ?? []).filter(({ topicId }) => topicId === life.id);
    log.records.forEach((kind, i) => {
      const offset = log.first + BigInt(i);
      const times = runs.filter(({ from, to }) => offset >= from && offset < to).length;
      expected[kind] += times;
      const inDoubt = isNow ? doubtful.filter((task) => covers(task, partition, offset)).length : 0;
      const row = rowAt(partition, i, life);
      const isGone = records.scenario.bareSink === true && (!isNow || offset < log.start);
      if (kind === 'bad' && letters)
        checkBadRow(records, draft, { row, times, inDoubt, letters, isGone });
      else checkRow(records, draft, { row, wanted: kind === 'row' ? times : 0, inDoubt });
    });
  }
}

/** Offsets that were loaded one after the other, by tasks of `generation` and later ones. */
interface LoadedRun {
  readonly generation: number;
  readonly topicId: unknown;
  readonly from: bigint;
  readonly to: bigint;
  /** The generation that began the next run. */
  readonly endsBefore: number;
}

/** What was loaded of each partition: once, unless its user has moved it back. */
function runsOf(
  { runs }: Records,
  jobId: string,
  stood: ReadonlyMap<number, bigint>,
): Map<number, LoadedRun[]> {
  const loaded = new Map<number, LoadedRun[]>();
  for (const [name, all] of runs.get(jobId) ?? []) {
    const partition = Number(name);
    loaded.set(
      partition,
      all.map(({ generation, topicId, from, to }, i) => ({
        generation,
        topicId,
        from,
        to: to ?? stood.get(partition) ?? from,
        endsBefore: all[i + 1]?.generation ?? Number.POSITIVE_INFINITY,
      })),
    );
  }
  return loaded;
}

/** Where the partitions of a job stand, over the lanes that count. */
function standing(records: Records, jobId: string): Map<number, bigint> {
  const job = records.jobs.get(jobId);
  const lanes = records.lanesOf(jobId, job?.generation).map(decodeLane);
  return new Map(lanes.flatMap((lane) => [...lane.next]));
}

function covers(task: Task, partition: number, offset: bigint): boolean {
  const range = task.slice.get(partition);
  return range !== undefined && offset >= range.from && offset < range.to;
}

function checkRow(
  { witness, sinks }: Records,
  { id }: JobDraft,
  at: { readonly row: number; readonly wanted: number; readonly inDoubt: number },
): void {
  const times = sinks.get(id)?.visible.get(at.row) ?? 0;
  if (times === at.wanted) return;
  const seen = `row ${at.row} is there ${times} times, not ${at.wanted}`;
  if (times < at.wanted) witness.violated('no-row-is-lost', seen);
  if (times > at.wanted + at.inDoubt) {
    witness.violated(times > 1 ? 'no-row-is-doubled' : 'no-row-comes-too-early', seen);
  }
}

/** The finished tasks' ranges of a run follow each other from its start to its end. */
function checkLedger(
  { witness }: Records,
  tasks: readonly Task[],
  { partition, run }: { readonly partition: number; readonly run: LoadedRun },
): void {
  const ranges = tasks
    .filter(({ status, redrive, slice }) => status === 'DONE' && !redrive && slice.has(partition))
    .filter(({ generation }) => generation >= run.generation && generation < run.endsBefore)
    .map((task) => ({
      from: task.slice.get(partition)?.from ?? 0n,
      to: task.decision?.to.get(partition) ?? 0n,
    }))
    .sort((a, b) => Number(a.from - b.from) || Number(a.to - b.to));
  let reached = run.from;
  for (const { from, to } of ranges) {
    if (from !== reached) {
      witness.violated('tasks-tile', `partition ${partition}: a task from ${from}, not ${reached}`);
      return;
    }
    reached = to;
  }
  if (reached !== run.to) {
    witness.violated(
      'tasks-tile',
      `partition ${partition} stands at ${run.to}, tasks at ${reached}`,
    );
  }
}

/** Lanes and totals say what the ledger says, and the ledger what stands in the logs. */
function checkStatistics(
  records: Records,
  of: {
    readonly draft: JobDraft;
    readonly tasks: readonly Task[];
    readonly expected: Readonly<Record<RecordKind, number>>;
  },
): void {
  const { id } = of.draft;
  const item = records.jobs.get(id);
  if (item === undefined) return;
  const job = decodeJob(item);
  const sum = { ...job.totals };
  for (const lane of records.lanesOf(id, job.generation)) {
    sum.rows += Number(lane.rows);
    sum.rejected += Number(lane.rejected);
    sum.skipped += Number(lane.skipped);
  }
  const ledger = { rows: 0, rejected: 0, skipped: 0, first: 0 };
  for (const { status, redrive, decision } of of.tasks) {
    if (status !== 'DONE' || decision === undefined) continue;
    const { rows, rejected, skipped } = totalCounts(decision.statistics.counts);
    ledger.rows += rows;
    ledger.rejected += rejected;
    ledger.skipped += skipped;
    if (!redrive) ledger.first += rows + rejected;
  }
  const { row, bad, tombstone } = of.expected;
  const got = [sum.rows, sum.rejected, sum.skipped, ledger.first];
  const wanted = [ledger.rows, ledger.rejected, tombstone, row + bad];
  if (got.some((count, i) => count !== wanted[i])) {
    records.witness.violated(
      'statistics-are-true',
      `[rows, rejected, skipped, rows and rejected at first] are [${got}], should be [${wanted}]`,
    );
  }
}

/** Whoever looks for rows that are not there, or twice, finds the range in the history. */
function checkMoves({ moves, toldMoves, witness }: Records, jobId: string): void {
  for (const move of moves) {
    if (move.jobId !== jobId || toldMoves.has(nameOfMove(move))) continue;
    witness.violated('moves-are-told', `no history entry tells of ${nameOfMove(move)}`);
  }
}

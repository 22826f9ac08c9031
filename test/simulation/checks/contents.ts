import type { Task } from '#shared/domain/task.ts';
import { decodeJob } from '#shared/store/job-record.ts';
import { decodeLane } from '#shared/store/lane-record.ts';
import { decodeTask } from '#shared/store/task-record.ts';
import { rowAt } from '../doubles/slice-reader-double.ts';
import type { RecordKind } from '../doubles/topic.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import { nameOfMove, type Records } from './records.ts';

/**
 * What must be true of a job at rest: the sink holds every row below the lane's next offset exactly once (those that
 * its user had it load again once more, those that were gone before they were read never), and nothing else; the ledger of tasks tiles the same ranges; the statistics say the same numbers.
 *
 * The one exception is a task in doubt: of its rows nobody can know whether they are visible, but none may
 * be there once more than that.
 */
export function checkContents(records: Records, draft: JobDraft): void {
  const stood = standing(records, draft.id);
  const tasks = [...records.tasks.values()].filter((task) => task.pk === draft.id).map(decodeTask);
  const doubtful = tasks.filter((task) => task.status === 'IN_DOUBT');
  const expected: Record<RecordKind, number> = { row: 0, hole: 0, tombstone: 0, bad: 0 };
  for (const [partition, log] of draft.topic.logs) {
    const runs = runsOf(records, draft.id, partition, stood.get(partition));
    runs.forEach((run, i) => {
      checkLedger(records, tasks, { partition, run, endsBefore: runs[i + 1]?.generation });
    });
    log.records.forEach((kind, i) => {
      const offset = log.first + BigInt(i);
      const times = runs.filter(({ from, to }) => offset >= from && offset < to).length;
      expected[kind] += times;
      const inDoubt = doubtful.filter((task) => covers(task, partition, offset)).length;
      checkOffset(records, draft, { partition, i, wanted: kind === 'row' ? times : 0, inDoubt });
    });
  }
  checkStatistics(records, draft, expected);
  checkMoves(records, draft.id);
}

/** Offsets that were loaded one after the other, by tasks of `generation` and later ones. */
interface LoadedRun {
  readonly generation: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** What was loaded of a partition: once, unless its user has moved it back. */
function runsOf(
  { runs }: Records,
  jobId: string,
  partition: number,
  next: bigint | undefined,
): LoadedRun[] {
  const all = runs.get(jobId)?.get(String(partition)) ?? [];
  return all.map(({ generation, from, to }) => ({ generation, from, to: to ?? next ?? from }));
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

function checkOffset(
  { witness, sinks }: Records,
  { id }: JobDraft,
  at: {
    readonly partition: number;
    readonly i: number;
    readonly wanted: number;
    readonly inDoubt: number;
  },
): void {
  const times = sinks.get(id)?.visible.get(rowAt(at.partition, at.i)) ?? 0;
  const seen = `record ${at.i} of partition ${at.partition} is there ${times} times, not ${at.wanted}`;
  if (times < at.wanted) witness.violated('no-row-is-lost', seen);
  if (times > at.wanted + at.inDoubt) {
    witness.violated(times > 1 ? 'no-row-is-doubled' : 'no-row-comes-too-early', seen);
  }
}

/** The finished tasks' ranges of a run follow each other from its start to its end. */
function checkLedger(
  { witness }: Records,
  tasks: readonly Task[],
  at: {
    readonly partition: number;
    readonly run: LoadedRun;
    /** The generation that began the next run. */
    readonly endsBefore: number | undefined;
  },
): void {
  const { partition, run, endsBefore = Number.POSITIVE_INFINITY } = at;
  const ranges = tasks
    .filter(({ status, slice }) => status === 'DONE' && slice.has(partition))
    .filter(({ generation }) => generation >= run.generation && generation < endsBefore)
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

function checkStatistics(
  records: Records,
  { id }: JobDraft,
  expected: Readonly<Record<RecordKind, number>>,
): void {
  const item = records.jobs.get(id);
  if (item === undefined) return;
  const job = decodeJob(item);
  const sum = { ...job.totals };
  for (const lane of records.lanesOf(id, job.generation)) {
    sum.rows += Number(lane.rows);
    sum.rejected += Number(lane.rejected);
    sum.skipped += Number(lane.skipped);
  }
  const got = [sum.rows, sum.rejected, sum.skipped];
  const wanted = [expected.row, expected.bad, expected.tombstone];
  if (got.some((count, i) => count !== wanted[i])) {
    records.witness.violated(
      'statistics-are-true',
      `[rows, rejected, skipped] are [${got}], loaded were [${wanted}]`,
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

/** Leftovers that a sweep should have removed; a task in doubt keeps its own as evidence. */
export function leftoversOf({ sinks, tasks }: Records, { id }: JobDraft): string[] {
  const labels = [...(sinks.get(id)?.prepared.keys() ?? [])];
  return labels.filter((label) => {
    const [, , taskId = ''] = label.split('_');
    return tasks.get(taskId)?.status !== 'IN_DOUBT';
  });
}

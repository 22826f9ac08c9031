import { judgeErrors, slideWindow } from '#shared/domain/error-budget.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import { epochsOf } from '#shared/domain/leader-epochs.ts';
import { overlay } from '#shared/domain/offsets.ts';
import {
  attemptLabel,
  type BadRow,
  type Decision,
  type Task,
  totalCounts,
} from '#shared/domain/task.ts';
import { historyOfEnd } from '#shared/domain/task-history.ts';
import { NO_TRACE } from '#shared/observe/trace.ts';
import { badOffsetsFor } from '#shared/store/dead-letters.ts';
import { advanceLane } from '#shared/store/finish.ts';
import { readJob } from '#shared/store/jobs.ts';
import { readLane } from '#shared/store/lanes.ts';
import { recordDecision } from '#shared/store/tasks.ts';
import { abortEarlierAttempts } from './abandon.ts';
import type { Attempt } from './attempt.ts';
import { TaskLost } from './heartbeat.ts';
import { typesInStore } from './inferred-types.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { measureTask } from './measure-task.ts';
import { planSuccessor } from './plan-next.ts';
import type { Sink } from './sinks/sink.ts';
import type { Staged } from './stage.ts';

/**
 * One attempt at a task, from its claim to its end. What holds at every moment:
 *
 * - a label belongs to one attempt, so two attempts never share what they prepare;
 * - nothing is committed before the decision stands, and the decision stands only for the attempt that holds
 *   the task;
 * - nothing is aborted while this attempt's decision may stand;
 * - a task with a decision is finished and never read again;
 * - the lane moves on in the same transaction that ends the task.
 */

/** The commit cannot be confirmed and must not be repeated. */
class InDoubt extends LoadFailure {
  constructor(message: string) {
    super('COMMIT_IN_DOUBT', message);
  }
}

/**
 * Loads and commits the task's slice, and moves its lane on.
 *
 * @returns the lane's next task when this loader is to go on with it; `undefined` when it is done here
 * @throws {TaskLost} when the task is another attempt's now, {@link InDoubt}, any other LoadFailure, or
 * OutcomeUnknown when the store did not say: then nothing may be aborted
 */
export async function runTask(deps: LoaderDeps, attempt: Attempt): Promise<Task | undefined> {
  const { job, task, heartbeat } = attempt;
  const { trace = NO_TRACE } = deps;
  const began = deps.clock.now();
  const sink = await deps.sinkOf(job);
  let decision = task.decision;
  let ends = new Map<number, bigint>();
  if (decision === undefined) {
    await abortEarlierAttempts(deps, sink, task);
    const staged = await stageSlice(deps, attempt, sink);
    ends = new Map(staged.ends);
    decision = await trace.span('decide', () => decide(deps, attempt, { sink, staged }));
  }
  heartbeat.progress();
  const committing = deps.clock.now();
  const decided = decision;
  await trace.span('commit', () => commit(sink, decided, heartbeat.progress));
  const commitMs = deps.clock.now() - committing;
  heartbeat.progress();
  const done = { decision, ends };
  const successor = await trace.span('advance', () => advance(deps, attempt, done));
  measureTask(deps, attempt, { decision, times: { began, commitMs } });
  return successor;
}

async function stageSlice(deps: LoaderDeps, attempt: Attempt, sink: Sink): Promise<Staged> {
  const { job, task, deadline, heartbeat } = attempt;
  const staged = await deps.stage({
    job,
    task,
    sink,
    label: attemptLabel(task, task.attempt),
    letters: await badOffsetsFor(deps.tables, task),
    deadline,
    signal: heartbeat.signal,
    onProgress: heartbeat.progress,
    types: typesInStore(deps, attempt),
    trace: deps.trace,
  });
  if (task.redrive) return staged;
  const advanced = [...task.slice].some(([partition, { from }]) => {
    const to = staged.to.get(partition);
    return to !== undefined && to > from;
  });
  if (advanced) return staged;
  if (staged.handle) await sink.abort(attemptLabel(task, task.attempt));
  throw new LoadFailure('OUT_OF_TIME', `nothing of task ${task.id} could be read in its time`);
}

/** Judges the bad rows, then writes the decision. What was prepared is aborted only when it is known to have lost. */
async function decide(
  deps: LoaderDeps,
  { job, task, heartbeat }: Attempt,
  { sink, staged }: { readonly sink: Sink; readonly staged: Staged },
): Promise<Decision> {
  const label = attemptLabel(task, task.attempt);
  const giveUp = async (error: Error): Promise<never> => {
    if (staged.handle) await sink.abort(label);
    throw error;
  };
  // A store that refuses has not written; one that stays silent may have, and that is no LoadFailure.
  const unlessRefused = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof LoadFailure) return giveUp(error);
      throw error;
    });
  // Dead letters are bad rows already: those that are bad again stay what they were.
  const tooManyBad = task.redrive
    ? undefined
    : await unlessRefused(judgeBadRows(deps, { job, task }, staged));
  if (tooManyBad) return giveUp(tooManyBad);
  heartbeat.progress();
  const decision: Decision = {
    attempt: task.attempt,
    handle: staged.handle,
    to: staged.to,
    epochs: epochsOf(staged.epochs, staged.to.keys()),
    deadLetters: staged.handle && sink.deadLettersIn?.(staged.handle),
    badOffsets: staged.badOffsets,
    lost: staged.lost,
    statistics: staged.statistics,
    at: deps.clock.now(),
  };
  const stands = await unlessRefused(recordDecision(deps.tables, task, decision));
  return stands ? decision : giveUp(new TaskLost(task));
}

/** The failure of a slice that is over its job's limits; the lane, whose window counts, is read only for bad rows. */
async function judgeBadRows(
  { tables }: LoaderDeps,
  { job, task }: Pick<Attempt, 'job' | 'task'>,
  staged: Staged,
): Promise<Error | undefined> {
  const rows = rowsOf(staged);
  if (rows.bad === 0) return undefined;
  const lane = await readLane(tables, { ...task, index: task.lane });
  if (lane === undefined) return new TaskLost(task);
  const verdict = judgeErrors(lane.errorWindow, rows, job.spec.errors);
  if (verdict.verdict === 'within') return undefined;
  const examples = staged.statistics.badRows;
  const [first] = examples;
  const shown = first && `, e.g. ${placeOf(first)}${first.reason}`;
  return new LoadFailure('TOO_MANY_BAD_ROWS', `${verdict.message}${shown ?? ''}`, {
    facts: { taskId: task.id, examples },
  });
}

/** As much of it as is known. A column is quoted: its name may have blanks. */
function placeOf({ partition, offset, column }: BadRow): string {
  const place = [
    ...(partition === undefined ? [] : [`partition ${partition}`]),
    ...(offset === undefined ? [] : [`offset ${offset}`]),
    ...(column === undefined ? [] : [`column ${JSON.stringify(column)}`]),
  ].join(' ');
  return place === '' ? '' : `${place}: `;
}

function rowsOf({ statistics }: Pick<Decision, 'statistics'>) {
  const { rows, rejected } = totalCounts(statistics.counts);
  return { rows: rows + rejected, bad: rejected };
}

async function commit(sink: Sink, decision: Decision, onProgress: () => void): Promise<void> {
  if (decision.handle === undefined) return;
  const outcome = await sink.commit(decision.handle, onProgress);
  switch (outcome.kind) {
    case 'committed':
    case 'already-committed':
      return;
    case 'retry-later':
      throw new LoadFailure('SINK_UNREACHABLE', outcome.message);
    case 'in-doubt':
      throw new InDoubt(outcome.message);
  }
}

/** The job is read anew: a pause while the slice was loading ends the chain here, before a next task is made. */
async function advance(
  deps: LoaderDeps,
  { task, owner, deadline }: Attempt,
  done: { readonly decision: Decision; readonly ends: ReadonlyMap<number, bigint> },
): Promise<Task | undefined> {
  const { tables, clock, newId, settings } = deps;
  const { decision } = done;
  const [job, lane] = await Promise.all([
    readJob(tables, task.jobId),
    readLane(tables, { ...task, index: task.lane }),
  ]);
  if (lane?.taskId !== task.id) throw new TaskLost(task);
  const now = clock.now();
  const ends = overlay(lane.ends, done.ends);
  const successor = planSuccessor({
    job,
    lane,
    task,
    decision,
    ends,
    limits: settings,
    now,
    deadline,
    id: newId(),
    owner,
    leaseUntil: now + settings.leaseMs,
  });
  const advanced = await advanceLane(tables, {
    lane,
    task,
    decision,
    errorWindow: slideWindow(lane.errorWindow, rowsOf(decision)),
    ends,
    successor,
    entries: historyOfEnd(task, decision, { now, newId }),
    now,
    token: newId(),
    retentionDays: settings.retentionDays,
  });
  if (!advanced) throw new TaskLost(task);
  return successor?.status === 'RUNNING' ? successor : undefined;
}

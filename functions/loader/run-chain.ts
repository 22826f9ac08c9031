import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { mayBegin } from '#shared/domain/may-begin.ts';
import type { Task } from '#shared/domain/task.ts';
import { NO_TRACE } from '#shared/observe/trace.ts';
import { readJob } from '#shared/store/jobs.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import { claimTask, readTask } from '#shared/store/tasks.ts';
import { abandon } from './abandon.ts';
import { giveBack } from './give-back.ts';
import { startHeartbeat, TaskLost } from './heartbeat.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { measureFailure } from './measure-task.ts';
import { runTask } from './run-task.ts';
import { sweepSink } from './sweep-sink.ts';

/** What an invocation did, for logs. */
export interface ChainReport {
  readonly tasks: number;
  readonly end: 'nothing-to-claim' | 'done' | 'cancelled' | 'lost' | 'given-back' | 'unknown';
}

/**
 * One invocation: claims the task that the stream named, and goes on with its lane's next ones while there
 * is time. Whatever happens here, the worst is a lease that has to run out.
 *
 * @param deadline epoch ms by which the function must have returned
 */
export async function runChain(
  deps: LoaderDeps,
  named: { readonly jobId: string; readonly taskId: string },
  deadline: number,
): Promise<ChainReport> {
  const { tables, clock, newId, settings } = deps;
  const owner = newId();
  const pending = await readTask(tables, named.jobId, named.taskId);
  if (pending?.status !== 'PENDING' || clock.now() < (pending.notBefore ?? 0)) {
    return { tasks: 0, end: 'nothing-to-claim' };
  }
  const { trace = NO_TRACE } = deps;
  const leaseUntil = clock.now() + settings.leaseMs;
  let task = await trace.span('claim', () => claimTask(tables, pending, { owner, leaseUntil }));
  if (task === undefined) return { tasks: 0, end: 'nothing-to-claim' };

  let tasks = 0;
  while (task !== undefined) {
    const job = await readJob(tables, task.jobId);
    if (!mayRun(job, task)) {
      await abandon(deps, job, task);
      return { tasks, end: 'cancelled' };
    }
    const result = await runOne(deps, { job, task, owner, deadline, isFirst: tasks === 0 });
    if ('end' in result) return { tasks, end: result.end };
    tasks += 1;
    task = result.successor;
  }
  return { tasks, end: 'done' };
}

/** A decided slice is finished whatever became of its job. */
function mayRun(job: Job | undefined, task: Task): job is Job {
  return job !== undefined && (task.decision !== undefined || mayBegin(job, task));
}

async function runOne(
  deps: LoaderDeps,
  work: {
    readonly job: Job;
    readonly task: Task;
    readonly owner: string;
    readonly deadline: number;
    readonly isFirst: boolean;
  },
): Promise<{ successor: Task | undefined } | { end: ChainReport['end'] }> {
  const { job, task, owner } = work;
  const heartbeat = startHeartbeat({ ...deps, leaseMs: deps.settings.leaseMs }, task);
  const deadline = work.deadline - deps.settings.deadlineMarginMs;
  try {
    if (work.isFirst) await sweepSink(deps, job, heartbeat.progress);
    const { trace: around = NO_TRACE } = deps;
    const successor = await around.span(
      'task',
      (trace) => runTask({ ...deps, trace }, { job, task, owner, deadline, heartbeat }),
      { jobId: job.id, taskId: task.id, attempt: task.attempt },
    );
    return { successor };
  } catch (error) {
    const facts = { jobId: job.id, taskId: task.id, attempt: task.attempt };
    if (error instanceof TaskLost) {
      deps.log('task lost to another attempt', facts);
      return { end: 'lost' };
    }
    if (error instanceof OutcomeUnknown) {
      deps.log('the store did not answer; the lease decides', facts);
      return { end: 'unknown' };
    }
    const failure = asLoadFailure(error);
    deps.log('task failed', { ...facts, code: failure.code, message: failure.message });
    measureFailure(deps, { job, task });
    await giveBack(deps, { job, task }, failure);
    return { end: 'given-back' };
  } finally {
    await heartbeat.stop();
  }
}

import type { Job } from '#shared/domain/job.ts';
import type { Task } from '#shared/domain/task.ts';
import { noteLeftAttempts } from '#shared/store/left-attempts.ts';
import type { LoaderDeps } from './loader-deps.ts';
import type { Sink } from './sinks/sink.ts';

/**
 * Notes that the attempts 1 to `attempts` of a task may leave something behind: for sinks that cannot list it, and
 * those that are not to be had.
 *
 * @returns `false` when the task is another attempt's by now; a sink that lists what is left needs no note
 * @throws {LoadFailure} STORE_UNAVAILABLE; OutcomeUnknown when the store stays silent
 */
export async function noteLeft(
  { tables, clock, newId, settings }: LoaderDeps,
  task: Task,
  { sink, attempts }: { readonly sink: Sink | undefined; readonly attempts: number },
): Promise<boolean> {
  if (attempts === 0 || sink?.sweep) return true;
  const { retentionDays } = settings;
  const note = { attempts, now: clock.now(), token: newId(), retentionDays };
  return noteLeftAttempts(tables, task, note);
}

/** The sink of a job; nothing where it is not to be had. */
export async function sinkIfAny({ sinkOf }: LoaderDeps, job: Job): Promise<Sink | undefined> {
  try {
    return await sinkOf(job);
  } catch {
    return undefined;
  }
}

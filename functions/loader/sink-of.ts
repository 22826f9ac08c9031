import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { parseAttemptLabel } from '#shared/domain/task.ts';
import { makeFileSink } from './sinks/file.ts';
import type { Sink } from './sinks/sink.ts';

/** What the sinks of all jobs share. */
export interface SinkSettings {
  /** FILE_DIRECTORIES. */
  readonly fileDirectories: readonly string[] | undefined;
}

/**
 * The sink of a job's destination.
 *
 * @throws {LoadFailure} DIRECTORY_NOT_ALLOWED
 */
export function sinkOf(job: Job, settings: SinkSettings): Sink {
  const { file } = job.spec.destination;
  if (!file) throw new LoadFailure('SINK_REJECTED', 'this destination cannot be loaded yet');
  return makeFileSink({
    roots: settings.fileDirectories,
    destination: file,
    fileName: (label) => `${job.spec.name}-${taskIdOf(label)}.${file.format}`,
  });
}

/** All attempts of a task have the same final name, so that a second one could never add a second file. */
function taskIdOf(label: string): string {
  const parsed = parseAttemptLabel(label);
  if (parsed === undefined) {
    throw new LoadFailure('INTERNAL', `a label must be rl_<job>_<task>_<attempt>, got ${label}`);
  }
  return parsed.taskId;
}

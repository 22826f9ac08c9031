import { LoadFailure } from '../domain/failure.ts';
import { RECORD_VERSION } from './job-record.ts';
import type { Item } from './tables.ts';

/** A stored job that this version of the code cannot read: INTERNAL, with the job's id and nothing of what it holds. */
export class UnreadableJob extends LoadFailure {
  readonly jobId: string;

  constructor(jobId: string, { v }: Item, cause: unknown) {
    const why =
      v === RECORD_VERSION
        ? 'it does not have the form of its version'
        : `it must have version ${RECORD_VERSION}, got ${v}; it may have been written by a newer installation`;
    super('INTERNAL', `the record of job ${jobId} cannot be read: ${why}`, {
      cause,
      facts: { jobId },
    });
    this.jobId = jobId;
  }
}

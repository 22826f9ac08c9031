import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { LogView } from '#shared/domain/start-offsets.ts';

/** Whether a wanted offset lies in the log, and what the job's policy makes of one that does not. */

/** Offsets that a policy or the user skipped or repeated, as the history keeps them. */
export interface Jump {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

/** What is wrong with an offset, or `undefined` when it lies in the log. */
export function outOfRange(
  partition: number,
  offset: bigint,
  log: LogView,
): LoadFailure | undefined {
  const earliest = log.earliest.get(partition);
  const latest = log.latest.get(partition);
  if (earliest !== undefined && offset < earliest) {
    return new LoadFailure(
      'OFFSET_OUT_OF_RANGE',
      `partition ${partition}: offset ${offset} is wanted, but the log begins at ${earliest}; ${earliest - offset} offsets are gone`,
      { facts: { partition, offset: String(offset), earliest: String(earliest) } },
    );
  }
  if (latest !== undefined && offset > latest) {
    return new LoadFailure(
      'OFFSET_OUT_OF_RANGE',
      `partition ${partition}: offset ${offset} is wanted, but the log ends at ${latest}`,
      { facts: { partition, offset: String(offset), latest: String(latest) } },
    );
  }
  return undefined;
}

/**
 * The offset to go on from: the wanted one when the log has it, else what `policies.offsetOutOfRange` says,
 * with the jump. The failure when the policy is to pause, or when the log's ends are not known.
 */
export function placeInLog(
  job: Job,
  log: LogView,
  { partition, wanted }: { readonly partition: number; readonly wanted: bigint | undefined },
): { offset: bigint; jump?: Jump } | LoadFailure {
  if (wanted === undefined) {
    return new LoadFailure(
      'KAFKA_ERROR',
      `the cluster did not tell the offsets of partition ${partition}`,
    );
  }
  const fault = outOfRange(partition, wanted, log);
  if (fault === undefined) return { offset: wanted };
  const policy = job.spec.policies.offsetOutOfRange;
  const offset = policy === 'pause' ? undefined : log[policy].get(partition);
  if (offset === undefined) return fault;
  return { offset, jump: { partition, from: String(wanted), to: String(offset) } };
}

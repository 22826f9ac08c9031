import { LoadFailure } from '#shared/domain/failure.ts';
import type { PartitionProgress } from './partition-progress.ts';

/**
 * The failure of a range whose log has lost what was read before: brokers can elect a leader that lacks records (an
 * unclean election), which then gives their offsets to others (KIP-320).
 *
 * Where that was read by this very try, nothing of which is committed, it is KAFKA_ERROR: the next try reads the log as
 * it is. Else LOG_TRUNCATED, for a person to judge: what was loaded is nowhere in the log any more, and what the log has
 * in its place was not loaded.
 *
 * @param agreesTo the offset up to which the log can still be what was read
 */
export function logTruncation(
  { partition, from, position }: PartitionProgress,
  { topic, agreesTo }: { readonly topic: string; readonly agreesTo: bigint },
): LoadFailure {
  const isOfThisTry = position > from && agreesTo >= from;
  const before = isOfThisTry ? position : from;
  const end = agreesTo < before ? agreesTo : before;
  return new LoadFailure(
    isOfThisTry ? 'KAFKA_ERROR' : 'LOG_TRUNCATED',
    `an election lost records of partition ${partition} of ${topic} that were read before offset ${before}: at most those up to ${end} are still there`,
    { facts: { topic, partition, offset: before, agreesTo: end } },
  );
}

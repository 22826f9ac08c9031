import { LoadFailure } from '#shared/domain/failure.ts';
import { batchFrame, epochBefore, holdsHeader, MAGIC, nextOffsetOf } from './batch-header.ts';
import type { PartitionProgress } from './partition-progress.ts';

/** A partition whose log has lost what was read before `offset`; up to `agreesTo` it can still be what was read. */
export interface TruncatedRange {
  readonly partition: number;
  readonly offset: bigint;
  readonly agreesTo: bigint;
  /** Only this try has read what is lost, and nothing of it is committed. */
  readonly isOfThisTry: boolean;
}

/** What is known of a range whose log parts from what was read at `agreesTo`, or before the position. */
function truncatedRange(
  { partition, from, position }: PartitionProgress,
  agreesTo: bigint,
): TruncatedRange {
  const isOfThisTry = position > from && agreesTo >= from;
  const offset = isOfThisTry ? position : from;
  return { partition, offset, agreesTo: agreesTo < offset ? agreesTo : offset, isOfThisTry };
}

/**
 * Judges a broker's word that its log parts from what was read. Believed, like loss, of a leader that fresh metadata
 * names: the second time that it says so.
 *
 * A log that parts behind the position need not have lost anything: a replica that was made after compaction had
 * removed all records of an epoch has never heard of that epoch. Then the record before the position is looked at
 * ({@link settleDoubt}).
 *
 * @returns what is lost, once it is certain
 */
export function confirmedDivergence(
  progress: PartitionProgress,
  agreesTo: bigint,
): TruncatedRange | undefined {
  const { position, isAtLeader, divergedAt, lastEpoch } = progress;
  if (!isAtLeader) return undefined;
  progress.divergedAt = position;
  if (divergedAt !== position) return undefined;
  if (agreesTo < position) return truncatedRange(progress, agreesTo);
  progress.doubtedEpoch = lastEpoch;
  progress.staysWithLeader = true;
  return undefined;
}

/**
 * Ends the doubt about the record before the position, by an answer from there on: it is another one where the batch
 * that has its offset is of another epoch. Where no batch has it any more nobody can tell, and reading goes on, as it
 * does in other clients.
 */
export function settleDoubt(
  progress: PartitionProgress,
  records: Buffer,
): TruncatedRange | undefined {
  const { doubtedEpoch, position } = progress;
  const frame = batchFrame(records, 0);
  if (doubtedEpoch === undefined || frame?.magic !== MAGIC) return undefined;
  if (!holdsHeader(frame) || frame.end > records.length) return undefined;
  const hasIt = nextOffsetOf(records, frame) >= position;
  const found = hasIt ? epochBefore(records, frame, position) : -1;
  if (found >= 0 && found !== doubtedEpoch) return truncatedRange(progress, position - 1n);
  progress.forgetEpoch();
  return undefined;
}

/** LOG_TRUNCATED, or KAFKA_ERROR where the next try reads the log as it is. */
export class LogTruncation extends LoadFailure {
  /** Which logs have lost records. */
  readonly partitions: readonly number[];

  constructor(topic: string, [first, ...others]: readonly [TruncatedRange, ...TruncatedRange[]]) {
    const { partition, offset, agreesTo, isOfThisTry } = first;
    const more = others.map((range) => range.partition);
    const also = more.length === 0 ? '' : `; it lost some of partitions ${more.join(', ')} too`;
    super(
      isOfThisTry ? 'KAFKA_ERROR' : 'LOG_TRUNCATED',
      `an election lost records of partition ${partition} of ${topic} that were read before offset ${offset}: at most those up to ${agreesTo} are still there${also}`,
      {
        facts: {
          topic,
          partition,
          offset,
          agreesTo,
          ...(more.length > 0 && { others: others.map(factsOf) }),
        },
      },
    );
    this.partitions = [partition, ...more];
  }
}

/**
 * The failure of ranges whose logs have lost what was read before: brokers can elect a leader that lacks records (an
 * unclean election), which then gives their offsets to others (KIP-320).
 *
 * Where that was read by this very try, nothing of which is committed, it is KAFKA_ERROR: the next try reads the log as
 * it is. Else LOG_TRUNCATED, for a person to judge: what was loaded is nowhere in the log any more, and what the log has
 * in its place was not loaded. One election hits many partitions, so all that are known are told at once.
 */
export function logTruncation(
  topic: string,
  ranges: readonly TruncatedRange[],
): LogTruncation | undefined {
  const loaded = ranges.filter(({ isOfThisTry }) => !isOfThisTry);
  const [first, ...others] = loaded.length > 0 ? loaded : ranges;
  return first && new LogTruncation(topic, [first, ...others]);
}

function factsOf({ partition, offset, agreesTo }: TruncatedRange) {
  return { partition, offset, agreesTo };
}

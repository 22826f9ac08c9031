import { LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaSource } from '#shared/domain/job-spec.ts';
import { passesByItself, protocolFailure } from '#shared/kafka/protocol-errors.ts';
import type { OversizedRecords } from '../records.ts';
import { batchFrame, epochBefore } from './batch-header.ts';
import { scanBatches } from './batch-scan.ts';
import type { FetchArrival } from './fetch-dispatch.ts';
import type { FetchedPartition } from './fetch-response.ts';
import type { FetchSettings } from './fetch-settings.ts';
import {
  confirmedDivergence,
  logTruncation,
  settleDoubt,
  type TruncatedRange,
} from './log-truncation.ts';
import { OversizedBatch, wantedOf } from './oversized-batch.ts';
import type { PartitionProgress } from './partition-progress.ts';

const NONE = 0;
const OFFSET_OUT_OF_RANGE = 1;
const CORRUPT_MESSAGE = 2;

/** What an answer came to. */
export interface Intake {
  /** Partitions with records to walk. */
  readonly walkable: readonly (readonly [PartitionProgress, FetchedPartition])[];
  /** A trouble that may pass. */
  readonly failure: LoadFailure | undefined;
}

/** A partition's log does not hold what is wanted of it. */
export class OutOfRange extends LoadFailure {
  readonly progress: PartitionProgress;

  constructor(progress: PartitionProgress, message: string) {
    super('OFFSET_OUT_OF_RANGE', message);
    this.progress = progress;
  }
}

/** What judging answers needs. */
export interface AnswerIntakeOptions {
  readonly topic: string;
  readonly isolation: KafkaSource['isolation'];
  readonly settings: Pick<FetchSettings, 'maxBatchBytes'>;
  /** Whether a batch that has more bytes than allowed may be left out. */
  readonly passOver: (records: OversizedRecords) => boolean;
}

/** Judges an answer before its records are walked, and sends partitions elsewhere where it says so. */
export class AnswerIntake {
  readonly #options: AnswerIntakeOptions;

  constructor(options: AnswerIntakeOptions) {
    this.#options = options;
  }

  /**
   * Takes an answer in. `waiting` are the partitions for which it counts.
   *
   * @throws {OutOfRange}
   * @throws {LoadFailure} RECORD_TOO_LARGE, CORRUPT_BATCH, LOG_TRUNCATED or what else cannot pass
   */
  take(
    { answer, node }: FetchArrival & { kind: 'answer' },
    waiting: readonly PartitionProgress[],
  ): Intake {
    const { topic } = this.#options;
    if (answer.errorCode !== NONE) {
      const failure = protocolFailure(answer.errorCode, `a fetch of ${topic}`, { topic, node });
      if (!failure.retryable) throw failure;
      this.lose(waiting);
      return { walkable: [], failure };
    }
    const byPartition = new Map(waiting.map((progress) => [progress.partition, progress]));
    const walkable: [PartitionProgress, FetchedPartition][] = [];
    const truncated: TruncatedRange[] = [];
    let failure: LoadFailure | undefined;
    for (const fetched of answer.partitions) {
      const progress = byPartition.get(fetched.partition);
      if (!progress) continue;
      const lost = lostRange(progress, fetched);
      if (lost) truncated.push(lost);
      else if (fetched.errorCode !== NONE) failure = this.#refused(progress, fetched);
      else if (fetched.divergesAt !== undefined) failure = this.#diverged(progress, node);
      else if (this.#fill(progress, fetched)) walkable.push([progress, fetched]);
    }
    const lostRecords = logTruncation(topic, truncated);
    if (lostRecords) throw lostRecords;
    return { walkable, failure };
  }

  /** Forgets where the partitions are led: they wait for fresh metadata. */
  lose(partitions: readonly PartitionProgress[]): void {
    for (const progress of partitions) {
      if (!progress.isAtLeader) progress.staysWithLeader = true;
      progress.node = -1;
      progress.failures += 1;
      progress.rewind();
    }
  }

  /** A partition whose log ends before the slice does: records were lost after the slice was planned. */
  truncated(partitions: Iterable<PartitionProgress>): OutOfRange | undefined {
    for (const progress of partitions) {
      const { partition, position, to, end } = progress;
      if (end === undefined || position < end || end >= to) continue;
      return new OutOfRange(progress, `the log of partition ${partition} ends at ${end}`);
    }
    return undefined;
  }

  /** @returns whether there is something to walk */
  #fill(progress: PartitionProgress, fetched: FetchedPartition): boolean {
    const { isolation } = this.#options;
    const { records, preferredReadReplica } = fetched;
    const end = isolation === 'read_committed' ? fetched.lastStableOffset : fetched.highWatermark;
    if (end >= 0n) progress.end = end;
    if (preferredReadReplica >= 0 && !progress.staysWithLeader)
      progress.node = preferredReadReplica;
    if (records.length === 0) return false;
    const { next, epoch, wanted } = scanBatches(records, progress.position, progress.to);
    if (wanted !== undefined) {
      if (this.#hasRoom(progress, records, wanted)) progress.neededBytes = wanted;
      return false;
    }
    progress.arrived(records.length, { next, epoch });
    return true;
  }

  /** Whether a batch that is cut off can be asked for. Else it is passed over, or reading fails. */
  #hasRoom(progress: PartitionProgress, cutOff: Buffer, bytes: number): boolean {
    const { topic, settings, passOver } = this.#options;
    const { partition, position, to } = progress;
    const allowed = settings.maxBatchBytes;
    if (bytes <= allowed) return true;
    const message = `the batch with offset ${position} of partition ${partition} of ${topic} has ${bytes} bytes, allowed: ${allowed}`;
    const frame = batchFrame(cutOff, 0);
    const records = frame && wantedOf(cutOff, frame, { partition, position, to, message });
    if (frame === undefined || records === undefined || !passOver(records)) {
      const facts = { topic, partition, offset: position, bytes, allowed };
      throw new OversizedBatch(message, records, { facts });
    }
    progress.moveTo(records.to, epochBefore(cutOff, frame, records.to));
    progress.rewind();
    return false;
  }

  #refused(progress: PartitionProgress, { errorCode }: FetchedPartition): LoadFailure {
    const { topic } = this.#options;
    const { partition, position } = progress;
    const about = `offset ${position} of partition ${partition} of ${topic}`;
    const failure = protocolFailure(errorCode, about, { topic, partition, offset: position });
    if (!this.#mayPass(progress, errorCode)) {
      throw errorCode === OFFSET_OUT_OF_RANGE ? new OutOfRange(progress, failure.message) : failure;
    }
    this.lose([progress]);
    return failure;
  }

  /** Not a truncation before it is confirmed: a slice may end with this, and a job is not to pause for a suspicion. */
  #diverged(progress: PartitionProgress, node: number): LoadFailure {
    const { topic } = this.#options;
    const { partition, position } = progress;
    if (progress.doubtedEpoch === undefined) this.lose([progress]);
    return new LoadFailure(
      'KAFKA_ERROR',
      `node ${node} says that partition ${partition} of ${topic} has another log before offset ${position} than was read; it is asked again`,
      { facts: { topic, partition, offset: position, node } },
    );
  }

  /**
   * Loss is declared only by a leader that fresh metadata names: a replica, or a leader that has just been
   * replaced, may be behind. A batch that a broker finds damaged is asked for twice.
   */
  #mayPass(progress: PartitionProgress, errorCode: number): boolean {
    const { position } = progress;
    if (errorCode === OFFSET_OUT_OF_RANGE) {
      if (progress.doubtedEpoch !== undefined) {
        // The record before is deleted: nobody can tell any more.
        progress.forgetEpoch();
        return true;
      }
      const isFirst = !progress.isAtLeader || progress.outOfRangeAt !== position;
      if (progress.isAtLeader) progress.outOfRangeAt = position;
      // A log without a record of its epochs says the same when it is asked about one.
      progress.forgetEpoch();
      return isFirst;
    }
    if (errorCode === CORRUPT_MESSAGE) {
      const isFirst = progress.damagedAt !== position;
      progress.damagedAt = position;
      return isFirst;
    }
    return passesByItself(errorCode);
  }
}

function lostRange(
  progress: PartitionProgress,
  { errorCode, divergesAt, records }: FetchedPartition,
): TruncatedRange | undefined {
  if (errorCode !== NONE) return undefined;
  if (divergesAt !== undefined) return confirmedDivergence(progress, divergesAt);
  return settleDoubt(progress, records);
}

import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap, Slice } from '#shared/domain/offsets.ts';
import type { ClusterAddress } from '#shared/kafka/cluster.ts';

/**
 * The seam between reading Kafka and writing rows. Records are handed over as byte ranges in a shared
 * buffer, not as objects: one view is reused for all of them.
 */

/**
 * One record, valid only during the call that hands it over. A range is `[start, end)` in `buffer`;
 * a start of -1 means null.
 */
export interface RecordView {
  readonly buffer: Buffer;
  readonly partition: number;
  /** Computed when asked for: `bigint` arithmetic on every record would cost more than the walk. */
  readonly offset: bigint;
  /** Epoch ms: the record's own, or the batch's where the broker stamps them (LogAppendTime); -1 when none. */
  readonly timestamp: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The headers' bytes after their count (varint key length, key, varint value length, value ...). */
  readonly headersStart: number;
  readonly headersEnd: number;
  readonly headersCount: number;
  /** Set where the value is an empty object that stands for a tombstone: as a row of nulls, or as a deletion. */
  readonly tombstone?: 'null' | 'delete' | undefined;
}

/** Records of one batch that there is no memory for; nothing but the batch's header is known of them. */
export interface OversizedRecords {
  readonly partition: number;
  /** What of the batch the slice wants: `[from, to)`. */
  readonly from: bigint;
  readonly to: bigint;
  /** Records in it, at most. */
  readonly count: number;
  /** Of the whole batch, as the broker holds it. */
  readonly bytes: number;
  readonly reason: string;
}

/** Takes records in the order of their offsets within a partition. */
export interface RecordConsumer {
  /** Synchronous; copies what it wants to keep. */
  accept(record: RecordView): void;
  /**
   * Asked for a batch that cannot be read.
   *
   * @returns whether reading goes on behind it; else, and without this method, it fails with RECORD_TOO_LARGE
   */
  passOver?(records: OversizedRecords): boolean;
  /**
   * Called between batches: resolves when more records may come (back-pressure).
   *
   * @returns whether the reader should go on; `false` ends the slice here (limits of bytes or rows)
   */
  drain(): Promise<boolean>;
}

/** A consumer that makes something of all records together. */
export interface FinishingConsumer<T> extends RecordConsumer {
  /** Call it once, behind the last record. */
  finish(): Promise<T>;
}

/** What to read. */
export interface SliceRequest {
  readonly cluster: ClusterAddress;
  readonly topic: string;
  /** Kafka's id of the topic that the slice was planned on; one of the same name with another id is not read. */
  readonly topicId?: string | undefined;
  readonly slice: Slice;
  /** Of the record before each range, as it was loaded: a log that has another one there is not read. */
  readonly epochs?: LeaderEpochs | undefined;
  readonly isolation: KafkaSource['isolation'];
  /** Epoch ms at which reading ends, complete or not. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** Called whenever bytes arrived: the heartbeat renews the lease only while this is called. */
  readonly onProgress: () => void;
}

/** What was read. */
export interface SliceRead {
  /** Where each partition of the slice stands: its `to`, or less when limits or time ended it early. */
  readonly to: OffsetMap;
  /** Of the record before each `to`, where a batch told it. */
  readonly epochs: LeaderEpochs;
  /** Ends as the brokers told them with the last fetch: last stable offset or high watermark. */
  readonly ends: OffsetMap;
}

/** Reads exactly the records of a slice, without a consumer group. */
export interface SliceReader {
  /**
   * @throws {LoadFailure} OFFSET_OUT_OF_RANGE, LOG_TRUNCATED, CORRUPT_BATCH, UNSUPPORTED_BATCH, RECORD_TOO_LARGE,
   * TOPIC_NOT_FOUND, TOPIC_RECREATED, BROKER_* or KAFKA_ERROR; or the signal's reason when it is aborted.
   */
  read(request: SliceRequest, consumer: RecordConsumer): Promise<SliceRead>;
}

import type { KafkaSource } from '../domain/job-spec.ts';
import type { OffsetMap } from '../domain/offsets.ts';
import type { TopicRetention } from './topic-retention.ts';

/** The part of a job's source that says which cluster, and as whom. Jobs that agree in it share a connection. */
export type ClusterAddress = Pick<KafkaSource, 'clusterArn' | 'brokers' | 'auth'>;

/** A topic as the cluster describes it. */
export interface TopicDescription {
  /** Kafka's own id of the topic, which changes when it is deleted and made again; absent on old brokers. */
  readonly topicId?: string | undefined;
  /** Sorted. */
  readonly partitions: readonly number[];
}

/** A position in a partition: an end of the log, or the first record at or after a time (epoch ms). */
export type OffsetQuery = 'earliest' | 'latest' | { readonly timestampMs: number };

/** What the scheduler asks of one Kafka cluster, over one connection. */
export interface KafkaCluster {
  /** One metadata request for all topics. A topic that does not exist is absent from the answer; never creates one. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
  /**
   * Offsets of the partitions at a position. `latest` is the last stable offset for read_committed and
   * the high watermark for read_uncommitted; a time after the last record gives the log end.
   */
  listOffsets(query: {
    readonly topic: string;
    readonly partitions: readonly number[];
    readonly at: OffsetQuery;
    readonly isolation: KafkaSource['isolation'];
  }): Promise<OffsetMap>;
  /** By what the topic deletes records. Absent where nobody asks. */
  retention?(topic: string): Promise<TopicRetention>;
  /** Bytes of the partitions' logs, as far as we are told. Absent where nobody asks. */
  logSizes?(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Never throws. */
  close(): Promise<void>;
}

/** Opens clusters. */
export interface KafkaClusters {
  /**
   * Connects within a bounded time.
   *
   * @throws {LoadFailure} BROKER_UNREACHABLE, BROKER_AUTH_FAILED, BROKER_NOT_ALLOWED, SECRET_UNAVAILABLE or
   * SECRET_UNUSABLE.
   * All methods of the cluster throw the same, and KAFKA_ERROR or TOPIC_NOT_FOUND.
   */
  connect(address: ClusterAddress): Promise<KafkaCluster>;
}

import { LoadFailure } from '../domain/failure.ts';
import type { RawRequest, VersionRange } from './kafkajs-inside.ts';
import { WireReader, WireWriter } from './wire.ts';

/**
 * Kafka's Metadata request, in version 7 (Kafka 2.1 and later) and, where the broker has it, 12, the first
 * whose topic ids can be relied on. Layouts: MetadataRequest.json and MetadataResponse.json of Apache Kafka.
 */

const METADATA = 3;
const WITH_TOPIC_IDS = 12;
const WITHOUT_TOPIC_IDS = 7;
const UNKNOWN_EPOCH = -1;
const NO_TOPIC_ID = '0'.repeat(32);

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** A partition's state. `leader` is -1 while there is none. */
export interface PartitionMetadata {
  readonly partition: number;
  readonly errorCode: number;
  readonly leader: number;
  /** Counts the partition's leaders; -1 where it is not known for certain. */
  readonly leaderEpoch: number;
}

/** A topic's state. `errorCode` 0: it exists. */
export interface TopicMetadata {
  readonly topic: string;
  readonly errorCode: number;
  /** 32 hexadecimal digits. */
  readonly topicId?: string | undefined;
  readonly partitions: ReadonlyMap<number, PartitionMetadata>;
}

/** A cluster as one of its brokers sees it. */
export interface ClusterMetadata {
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
}

/**
 * Asks for the brokers and for these topics: none is created by asking, and an empty list means none.
 *
 * @throws {LoadFailure} KAFKA_ERROR when the broker is older than Kafka 2.1
 */
export function metadataRequest(
  topics: readonly string[],
  versions: ReadonlyMap<number, VersionRange>,
): RawRequest {
  const spoken = versions.get(METADATA);
  const apiVersion = [WITH_TOPIC_IDS, WITHOUT_TOPIC_IDS].find(
    (version) => spoken && spoken.min <= version && version <= spoken.max,
  );
  if (apiVersion === undefined) {
    throw new LoadFailure(
      'KAFKA_ERROR',
      `the broker must speak version 7 or 12 of Metadata (Kafka 2.1 or later), it speaks ${spoken ? `${spoken.min} to ${spoken.max}` : 'none'}`,
    );
  }
  const flexible = apiVersion === WITH_TOPIC_IDS;
  const body = flexible ? bodyWithTopicIds(topics) : bodyWithoutTopicIds(topics);
  return { apiKey: METADATA, apiVersion, apiName: 'Metadata', body, flexible };
}

function bodyWithTopicIds(topics: readonly string[]): Buffer {
  const body = new WireWriter().uvarint(topics.length + 1);
  const noTopicId = Buffer.alloc(16);
  for (const topic of topics) body.bytes(noTopicId).compactString(topic).noTags();
  return body.boolean(false).boolean(false).noTags().finish();
}

function bodyWithoutTopicIds(topics: readonly string[]): Buffer {
  const body = new WireWriter().int32(topics.length);
  for (const topic of topics) body.string(topic);
  return body.boolean(false).finish();
}

/** Reads the answer to `request`. */
export function readMetadata(answer: Buffer, request: RawRequest): ClusterMetadata {
  const reader = new WireReader(answer);
  const wire = request.flexible ? flexibleWire(reader) : plainWire(reader);
  reader.int32(); // throttle time: the broker enforces it by itself
  const brokers = new Map<number, BrokerAddress>();
  wire.array(() => {
    const nodeId = reader.int32();
    brokers.set(nodeId, { host: wire.string() ?? '', port: reader.int32() });
    wire.string(); // rack
    wire.tags();
  });
  wire.string(); // cluster id
  reader.int32(); // controller
  const topics = new Map<string, TopicMetadata>();
  for (const topic of wire.array(() => readTopic(reader, wire))) topics.set(topic.topic, topic);
  return { brokers, topics };
}

function readTopic(reader: WireReader, wire: Wire): TopicMetadata {
  const errorCode = reader.int16();
  const topic = wire.string() ?? '';
  const topicId = wire.topicId();
  reader.boolean(); // internal
  const partitions = new Map<number, PartitionMetadata>();
  wire.array(() => {
    const partition = readPartition(reader, wire);
    partitions.set(partition.partition, partition);
  });
  wire.operations();
  wire.tags();
  return { topic, errorCode, topicId: topicId === NO_TOPIC_ID ? undefined : topicId, partitions };
}

function readPartition(reader: WireReader, wire: Wire): PartitionMetadata {
  const errorCode = reader.int16();
  const partition = reader.int32();
  const leader = reader.int32();
  const leaderEpoch = wire.leaderEpoch(reader.int32());
  const nodeId = () => reader.int32();
  wire.array(nodeId); // replicas
  wire.array(nodeId); // in sync
  wire.array(nodeId); // offline
  wire.tags();
  return { partition, errorCode, leader, leaderEpoch };
}

/** Where the two versions differ. */
interface Wire {
  string(): string | null;
  array<T>(element: () => T): T[];
  topicId(): string | undefined;
  leaderEpoch(told: number): number;
  operations(): void;
  tags(): void;
}

function flexibleWire(reader: WireReader): Wire {
  return {
    string: () => reader.compactString(),
    array: (element) => reader.compactArray(element),
    topicId: () => reader.uuid(),
    leaderEpoch: (told) => told,
    operations: () => void reader.int32(),
    tags: () => reader.tags(),
  };
}

function plainWire(reader: WireReader): Wire {
  const nothing = () => {};
  return {
    string: () => reader.string(),
    array: (element) => reader.array(element),
    topicId: () => undefined,
    // Before version 9 brokers tell old epochs while replicas move (KAFKA-9212).
    leaderEpoch: () => UNKNOWN_EPOCH,
    operations: nothing,
    tags: nothing,
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import {
  type Codec,
  compressionType,
  registerProducingCodecs,
} from '../../infra/local/kafka/producing-codecs.ts';

/** Topics and records for tests, by a client that is not the code under test. */

/** A record to produce. `value: null` is a tombstone. */
export interface TestRecord {
  readonly value: string | Buffer | null;
  readonly key?: string | Buffer | null | undefined;
  readonly headers?: Record<string, string | Buffer> | undefined;
  /** Epoch ms. Default: now. */
  readonly timestamp?: number | undefined;
  /** @default 0 */
  readonly partition?: number | undefined;
}

/** A transaction that stays open until it is ended. */
export interface TestTransaction {
  send(records: readonly TestRecord[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

registerProducingCodecs();

function client(brokers: readonly string[]): Kafka {
  const kafka = new Kafka({
    clientId: 'test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5_000,
    retry: { retries: 8, initialRetryTime: 100 },
  });
  return withoutIdleTimers(kafka);
}

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>) {
  const admin = client(brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Makes a topic under a name that no other test has, and gives the name. */
export async function createTopic(
  brokers: readonly string[],
  options: {
    /** @default 1 */
    readonly partitions?: number | undefined;
    /** @default 1 */
    readonly replicas?: number | undefined;
    /** e.g. `{ 'cleanup.policy': 'compact' }` */
    readonly config?: Readonly<Record<string, string>> | undefined;
    /** Default: a new one. Give one to make a topic again that was deleted. */
    readonly name?: string | undefined;
  } = {},
): Promise<string> {
  const { partitions = 1, replicas = 1, config = {}, name = `test-${randomUUID()}` } = options;
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic: name,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        },
      ],
    });
    while (!(await isServed(admin, name, partitions))) await delay(20);
  });
  return name;
}

/**
 * A new topic reaches the brokers a moment after it was made, and its logs are opened later still: until
 * then they say that there is none, or that they do not lead it.
 */
async function isServed(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined);
  if (metadata?.topics[0]?.partitions.length !== partitions) return false;
  const offsets = await admin.fetchTopicOffsets(topic).catch(() => []);
  return offsets.length === partitions;
}

/** Deletes a topic. */
export async function deleteTopic(brokers: readonly string[], topic: string): Promise<void> {
  await withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] }));
}

/** Gives a topic more partitions, up to `count`. */
export async function addPartitions(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<void> {
  await withAdmin(brokers, (admin) =>
    admin.createPartitions({ topicPartitions: [{ topic, count }] }),
  );
}

/** Deletes a partition's records below an offset, as retention does. */
export async function deleteRecordsBelow(
  brokers: readonly string[],
  topic: string,
  position: { readonly partition: number; readonly offset: bigint },
): Promise<void> {
  const { partition, offset } = position;
  await withAdmin(brokers, async (admin) => {
    await admin.fetchTopicOffsets(topic); // kafkajs looks for the leader in what it knows already
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}

/** Produces the records; those of one partition and one call go into one batch. */
export async function produce(
  brokers: readonly string[],
  topic: string,
  { records, codec = 'none' }: { readonly records: readonly TestRecord[]; readonly codec?: Codec },
): Promise<void> {
  const producer = client(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({
      topic,
      messages: records.map(message),
      compression: compressionType(codec),
    });
  } finally {
    await producer.disconnect();
  }
}

/** Begins a transaction; nothing of it is committed before `commit`. */
export async function beginTransaction(
  brokers: readonly string[],
  topic: string,
): Promise<TestTransaction> {
  const producer = client(brokers).producer({
    transactionalId: `test-${randomUUID()}`,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  return {
    async send(records) {
      await transaction.send({ topic, messages: records.map(message) });
    },
    commit: () => ending(producer, transaction.commit()),
    abort: () => ending(producer, transaction.abort()),
  };
}

async function ending(producer: Producer, end: Promise<void>): Promise<void> {
  await end.finally(() => producer.disconnect());
}

function message({ value, key, headers, timestamp, partition }: TestRecord): Message {
  return {
    value,
    key: key ?? null,
    partition: partition ?? 0,
    ...(headers ? { headers } : {}),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
  };
}

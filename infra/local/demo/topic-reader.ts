import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { LogRanges } from './topics.ts';

/** A topic to be read whole: from each partition's low to its high, as they were found before. */
export interface TopicToRead {
  readonly ranges: LogRanges;
  readonly onRecord: (partition: number, offset: number, value: string | null) => void;
}

/**
 * Reads topics with a plain kafkajs consumer in a group of its own, which it removes afterwards: a
 * reader that shares nothing with the loader's.
 *
 * @throws {Error} the consumer's, or the signal's reason when it is aborted
 */
export async function readTopics(
  kafka: Kafka,
  topics: ReadonlyMap<string, TopicToRead>,
  signal: AbortSignal,
): Promise<void> {
  const groupId = `verify-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  await consumer.connect();
  try {
    await consumeAll(consumer, topics, signal);
  } finally {
    await consumer.disconnect();
    await removeGroup(kafka, groupId);
  }
}

async function consumeAll(
  consumer: Consumer,
  topics: ReadonlyMap<string, TopicToRead>,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set<string>();
  for (const [topic, { ranges }] of topics) {
    for (const [partition, { low, high }] of ranges) {
      if (high > low) open.add(`${topic} ${partition}`);
    }
  }
  if (open.size === 0) return;
  await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    const eachBatch = async (payload: EachBatchPayload) => {
      const { topic, partition } = payload.batch;
      const read = topics.get(topic);
      try {
        if (read) deliver(payload, read);
      } catch (error) {
        reject(error);
      }
      const high = read?.ranges.get(partition)?.high ?? 0;
      if (BigInt(payload.batch.lastOffset()) + 1n >= BigInt(high)) {
        open.delete(`${topic} ${partition}`);
      }
      if (open.size === 0) resolve();
      await payload.heartbeat();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
}

function deliver({ batch, resolveOffset }: EachBatchPayload, { onRecord }: TopicToRead): void {
  for (const { offset, value } of batch.messages) {
    onRecord(batch.partition, Number(offset), value === null ? null : value.toString('utf8'));
    resolveOffset(offset);
  }
}

async function removeGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteGroups([groupId]);
  } catch {
    // An empty group does no harm, and the broker forgets it by itself.
  } finally {
    await admin.disconnect();
  }
}

import type { Admin } from 'kafkajs';

/** Where a partition's log begins and ends. Demo topics stay far below 2^53 records. */
export interface LogRange {
  readonly low: number;
  readonly high: number;
}

/** Partition number to its log's range. */
export type LogRanges = ReadonlyMap<number, LogRange>;

/**
 * Makes the topic if it is missing.
 *
 * @throws {Error} when it is there with another number of partitions
 */
export async function ensureTopic(admin: Admin, topic: string, partitions: number): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
  });
  const found = (await logRanges(admin, topic)).size;
  if (found !== partitions) {
    throw new Error(
      `topic ${topic} must have ${partitions} partitions, got ${found}; is it another's?`,
    );
  }
}

/** Both ends of every partition's log, as the brokers tell them now. */
export async function logRanges(admin: Admin, topic: string): Promise<LogRanges> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(
    partitions.map(({ partition, low, high }) => [
      partition,
      { low: Number(low), high: Number(high) },
    ]),
  );
}

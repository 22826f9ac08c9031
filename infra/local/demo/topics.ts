import type { Admin } from 'kafkajs';
import type { Clock } from '#shared/clock.ts';

/** Where a partition's log begins and ends. Demo topics stay far below 2^53 records. */
interface LogRange {
  readonly low: number;
  readonly high: number;
}

/** Partition number to its log's range. */
export type LogRanges = ReadonlyMap<number, LogRange>;

const SERVED_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/**
 * Makes the topic if it is missing, and waits until its partitions are served: a moment long their
 * leaders do not know yet that they lead.
 *
 * @throws {Error} when it is there with another number of partitions, or is not served within 30 s
 */
export async function ensureTopic(
  admin: Admin,
  { topic, partitions }: { readonly topic: string; readonly partitions: number },
  clock: Clock,
): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
  });
  const deadline = clock.now() + SERVED_WITHIN_MS;
  for (;;) {
    const ranges = await logRanges(admin, topic).catch((error: unknown) => {
      if (clock.now() > deadline) throw error;
    });
    if (ranges?.size === partitions) return;
    if (ranges) {
      throw new Error(
        `topic ${topic} must have ${partitions} partitions, got ${ranges.size}; is it another's?`,
      );
    }
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Both ends of every partition's log, as the brokers tell them now. */
export async function logRanges(admin: Admin, topic: string): Promise<LogRanges> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(
    partitions
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  );
}

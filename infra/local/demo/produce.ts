import type { Kafka, Producer, TopicMessages } from 'kafkajs';
import { compressionType } from '../kafka/producing-codecs.ts';
import type { DataSet } from './data-sets.ts';
import type { LogRanges } from './topics.ts';

/** Rows of one partition in one send: one record batch, well below the broker's 1 MiB. */
const ROWS_PER_BATCH = 2_000;

/** What to produce, and from where on. */
export interface ProduceSettings {
  readonly kafka: Kafka;
  readonly dataSet: DataSet;
  readonly topic: string;
  /** Rows of the data set to produce; the others are left out. */
  readonly limit: number;
  /** The topic's logs before: row i of the data set is record i div n of partition i mod n. */
  readonly present: LogRanges;
  readonly signal: AbortSignal;
  /** Told how many rows the topic has now. */
  readonly onProgress: (rows: number) => void;
}

/**
 * Produces the rows that the topic lacks, so that a run that was killed goes on at each partition's end:
 * a batch is in the log whole or not at all, and an idempotent producer's own retry adds none twice.
 */
export async function produce(settings: ProduceSettings): Promise<void> {
  const { kafka, dataSet, limit, present, signal, onProgress } = settings;
  let rowsInTopic = [...present.values()].reduce((sum, { high }) => sum + high, 0);
  onProgress(rowsInTopic);
  if (rowsInTopic >= limit) return;
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  try {
    const skip = Math.min(...[...present].map(([p, { high }]) => p + high * dataSet.partitions));
    let sent = Promise.resolve(0);
    for await (const batch of batches(settings, skip)) {
      rowsInTopic += await sent;
      onProgress(rowsInTopic);
      if (signal.aborted) return;
      // The next rows are read and put together while the broker works on these.
      sent = send(producer, settings, batch);
      sent.catch(() => undefined);
    }
    rowsInTopic += await sent;
    onProgress(rowsInTopic);
  } finally {
    await producer.disconnect();
  }
}

type Batch = TopicMessages['messages'];

/** Rows from `skip` on that are not in the topic yet. */
async function* batches(settings: ProduceSettings, skip: number): AsyncGenerator<Batch> {
  const { dataSet, limit, present } = settings;
  const n = dataSet.partitions;
  let batch: Batch = [];
  let row = 0;
  for await (const group of dataSet.rows()) {
    if (row + group.length <= skip) {
      row += group.length;
      continue;
    }
    for (const value of group) {
      if (row >= limit) break;
      const partition = row % n;
      if (Math.floor(row / n) >= (present.get(partition)?.high ?? 0)) {
        batch.push({ key: String(row), value, partition });
      }
      row += 1;
      if (batch.length === ROWS_PER_BATCH * n) {
        yield batch;
        batch = [];
      }
    }
    if (row >= limit) break;
  }
  if (batch.length > 0) yield batch;
}

async function send(
  producer: Producer,
  { topic, dataSet }: ProduceSettings,
  messages: Batch,
): Promise<number> {
  await producer.send({ topic, messages, acks: -1, compression: compressionType(dataSet.codec) });
  return messages.length;
}

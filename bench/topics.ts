import { Kafka, logLevel } from 'kafkajs';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { compressionType, registerProducingCodecs } from '../infra/local/kafka/producing-codecs.ts';

registerProducingCodecs();

/** A topic to measure with. */
export interface BenchTopic {
  readonly name: string;
  readonly records: number;
  /** Bytes of one record's value. */
  readonly recordBytes: number;
}

/** Of 1,000 bytes over four partitions: batches well below the 1 MB that a broker takes. */
const PER_REQUEST = 3_000;

/** Fills a new topic of four partitions with JSON objects of exactly that size. */
export async function fillTopic(
  brokers: string[],
  topic: BenchTopic,
  codec: 'none' | 'lz4',
): Promise<void> {
  const kafka = withoutIdleTimers(new Kafka({ brokers, logLevel: logLevel.NOTHING }));
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic: topic.name, numPartitions: 4 }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let sent = 0; sent < topic.records; sent += PER_REQUEST) {
    const count = Math.min(PER_REQUEST, topic.records - sent);
    const messages = Array.from({ length: count }, (_, i) => ({
      partition: (sent + i) % 4,
      value: jsonOf(sent + i, topic.recordBytes),
    }));
    await producer.send({
      topic: topic.name,
      messages,
      acks: 1,
      compression: compressionType(codec),
    });
  }
  await producer.disconnect();
}

/** An object with several fields, a number that changes, and as much text as it takes. */
function jsonOf(n: number, bytes: number): string {
  const head = `{"id":${n},"code":"AA","delay":${n % 90},"on_time":${n % 3 === 0},"note":"`;
  const rest = bytes - head.length - 2;
  return `${head}${'lorem ipsum dolor sit amet '.repeat(Math.ceil(rest / 27)).slice(0, rest)}"}`;
}

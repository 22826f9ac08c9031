import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import type { Clock } from '#shared/clock.ts';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import {
  compressionType,
  registerProducingCodecs,
} from '../../infra/local/kafka/producing-codecs.ts';
import { type ChaosTopic, recordValue } from './topics.ts';

/** Producing without end, over brokers that die. What is in the topic counts, not what this believes to have sent. */

/** Rows of one send at most, over all partitions. */
const MOST_PER_SEND = 4_000;
const LEAST_PER_SEND = 50;
const PAUSE_MS = 20;
const AFTER_ERROR_MS = 300;
const ABORT_EVERY = 3;

/** A kafkajs client that gives up soon: whoever uses it tries again. */
export function chaosKafka(brokers: readonly string[]): Kafka {
  registerProducingCodecs();
  const kafka = new Kafka({
    clientId: 'routine-load-chaos',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 },
  });
  return withoutIdleTimers(kafka);
}

/** The records of one topic on their way. */
export class Flow {
  readonly topic: ChaosTopic;
  readonly #kafka: Kafka;
  #producer: Producer | undefined;
  #next = 0;
  #sends = 0;
  #rows = 0;

  constructor(kafka: Kafka, topic: ChaosTopic) {
    this.#kafka = kafka;
    this.topic = topic;
  }

  /** Rows that were confirmed, those of aborted transactions not among them. */
  get rows(): number {
    return this.#rows;
  }

  /** @throws kafkajs' error; then the rows may or may not be in the topic, and the next call connects anew */
  async send(count: number): Promise<void> {
    try {
      this.#producer ??= await this.#connect();
      await this.#sendBy(this.#producer, this.#messages(count));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** One plain record more in each partition: whatever comes before it is settled when it can be read. */
  async seal(): Promise<void> {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      const messages = this.#messages(this.topic.partitions);
      await producer.send({ topic: this.topic.name, messages, acks: -1 });
    } finally {
      await producer.disconnect();
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // The same id again: what a predecessor left open is aborted, and does not hold back readers.
      ...(this.topic.transactional && { transactionalId: `chaos-${this.topic.name}` }),
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  #messages(count: number): Message[] {
    return Array.from({ length: count }, () => {
      const n = this.#next;
      this.#next += 1;
      return { key: null, value: recordValue(this.topic, n), partition: n % this.topic.partitions };
    });
  }

  async #sendBy(producer: Producer, messages: Message[]): Promise<void> {
    const { name, codec, transactional } = this.topic;
    const batch = { topic: name, messages, acks: -1, compression: compressionType(codec) };
    this.#sends += 1;
    if (!transactional) {
      await producer.send(batch);
    } else {
      const transaction = await producer.transaction();
      await transaction.send(batch);
      if (this.#sends % ABORT_EVERY === 0) {
        await transaction.abort();
        return;
      }
      await transaction.commit();
    }
    this.#rows += messages.length;
  }
}

/**
 * Produces until every flow has its share of `rows` or it is `until`, each never ahead of what `allowed` says of all rows.
 *
 * @throws the signal's reason
 */
export async function keepProducing(
  flows: readonly Flow[],
  plan: {
    readonly rows: number;
    readonly allowed: () => number;
    /** Epoch ms. */
    readonly until: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  await Promise.all(flows.map((flow) => keepSending(flow, plan)));
}

async function keepSending(
  flow: Flow,
  { rows, allowed, until, clock, signal }: Parameters<typeof keepProducing>[1],
): Promise<void> {
  const part = (all: number) => Math.floor((all * flow.topic.share) / 100);
  while (flow.rows < part(rows) && clock.now() < until) {
    const open = Math.min(part(allowed()), part(rows)) - flow.rows;
    const isLast = flow.rows + open >= part(rows);
    if (open < LEAST_PER_SEND && !isLast) {
      await clock.sleep(PAUSE_MS, signal);
      continue;
    }
    signal.throwIfAborted();
    const sent = await flow.send(Math.min(open, MOST_PER_SEND)).then(
      () => true,
      () => false,
    );
    if (!sent) await clock.sleep(AFTER_ERROR_MS, signal);
  }
}

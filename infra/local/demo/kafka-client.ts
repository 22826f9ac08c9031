import { Kafka, logLevel } from 'kafkajs';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { registerProducingCodecs } from '../kafka/producing-codecs.ts';

/** A plain kafkajs client that knows all four codecs: the demo's producer and its independent reader. */
export function demoKafka(brokers: readonly string[]): Kafka {
  registerProducingCodecs();
  const kafka = new Kafka({
    clientId: 'routine-load-demo',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // A broker that was just started may take a moment to find its leaders.
    retry: { retries: 10 },
  });
  return withoutIdleTimers(kafka);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { beginTransaction, createTopic, produce } from '../support/kafka.ts';
import { readSlice } from '../support/read-slice.ts';

let directory: string;
let broker: LocalBroker;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'routine-load-kafka-4-'));
  broker = await startBroker({ directory, version: '4.1.1' });
});
afterAll(async () => {
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('a slice is read from Kafka 4 as from Kafka 3', async () => {
  const brokers = [broker.bootstrap];
  const topic = await createTopic(brokers, { partitions: 2 });
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    await produce(brokers, topic, { records: [{ value: codec }, { value: null }], codec });
  }
  const transaction = await beginTransaction(brokers, topic);
  await transaction.send([{ value: 'aborted', partition: 1 }]);
  await transaction.abort();

  const { consumer, to } = await readSlice(brokers, { topic, slice: { 0: [1, 9], 1: [0, 2] } });

  expect(consumer.records.map(({ value }) => value)).toEqual([
    ...[null, 'gzip', null, 'snappy', null, 'lz4', null, 'zstd'],
  ]);
  expect(to).toEqual({ 0: 9, 1: 2 });
});

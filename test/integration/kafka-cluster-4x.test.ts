import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { CODECS } from '../../infra/local/kafka/producing-codecs.ts';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { beginTransaction, createTopic, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';

// Kafka 4 has removed the oldest versions of most requests (KIP-896).

let directory: string;
let broker: LocalBroker;
let brokers: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-4x-'));
  broker = await startBroker({ directory, version: '4.1.1' });
  brokers = [broker.bootstrap];
});

afterAll(async () => {
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('Kafka 4 tells its topics and offsets, and takes records of every codec', async () => {
  const topic = await createTopic(brokers, { partitions: 2 });
  for (const codec of CODECS) await produce(brokers, topic, { codec, records: [{ value: codec }] });
  const transaction = await beginTransaction(brokers, topic);
  await transaction.send([{ value: 'pending', partition: 1 }]);
  const cluster = await openClusters(testLinkDeps()).connect({
    brokers,
    auth: { mechanism: 'none' },
  });

  const topics = await cluster.describeTopics([topic, 'missing']);
  const query = { topic, partitions: [0, 1], at: 'latest' } as const;
  const committed = await cluster.listOffsets({ ...query, isolation: 'read_committed' });
  const uncommitted = await cluster.listOffsets({ ...query, isolation: 'read_uncommitted' });
  const first = await cluster.listOffsets({
    ...query,
    at: { timestampMs: 0 },
    isolation: 'read_committed',
  });
  const limits = await cluster.retention?.(topic);
  const sizes = await cluster.logSizes?.(topic, [0, 1]);
  await transaction.commit();
  await cluster.close();

  expect([...topics.keys()]).toEqual([topic]);
  expect(topics.get(topic)?.topicId).toMatch(/^[0-9a-f]{32}$/);
  expect(committed).toEqual(
    new Map([
      [0, 5n],
      [1, 0n],
    ]),
  );
  expect(uncommitted).toEqual(
    new Map([
      [0, 5n],
      [1, 1n],
    ]),
  );
  expect(limits).toEqual({});
  expect([...(sizes?.keys() ?? [])].sort()).toEqual([0, 1]);
  expect(sizes?.get(0)).toBeGreaterThan(5 * 61);
  expect(first).toEqual(
    new Map([
      [0, 0n],
      [1, 0n],
    ]),
  );
});

import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { KafkaCluster } from '#shared/kafka/cluster.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { observeAge } from '../../functions/scheduler/observe-age.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';
import { exampleJob, exampleLane } from '../support/planning-examples.ts';

/** What a real broker says about the age of records, and about when it deletes them. */

const brokers = inject('kafkaBrokers');
let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await openClusters(testLinkDeps()).connect({ brokers, auth: { mechanism: 'none' } });
});
afterAll(() => cluster.close());

it.each([
  ['its own', { 'retention.ms': '5400000' }, 5_400_000],
  ['none, when it keeps records for ever', { 'retention.ms': '-1' }, undefined],
  [
    'none, when it only compacts',
    { 'cleanup.policy': 'compact', 'retention.ms': '60000' },
    undefined,
  ],
  [
    'its own, when it compacts and deletes',
    { 'cleanup.policy': 'compact,delete', 'retention.ms': '60000' },
    60_000,
  ],
])('a topic’s retention is %s', async (_which, config, expected) => {
  const topic = await createTopic(brokers, { config });

  expect(await cluster.retentionMs?.(topic)).toBe(expected);
});

it('a topic that is not there has no retention to tell', async () => {
  await expect(cluster.retentionMs?.(`missing-${crypto.randomUUID()}`)).rejects.toMatchObject({
    code: 'TOPIC_NOT_FOUND',
  });
});

it('the oldest record that is not loaded is found by its time', async () => {
  const topic = await createTopic(brokers, { partitions: 2 });
  const now = Date.now();
  const hour = 3_600_000;
  await produce(brokers, topic, {
    records: [
      { value: 'loaded', timestamp: now - 48 * hour },
      { value: 'oldest', timestamp: now - 10 * hour },
      { value: 'young', timestamp: now - hour, partition: 1 },
    ],
  });
  const job = exampleJob({}, { topic });
  const latest = new Map([
    [0, 2n],
    [1, 1n],
  ]);
  const ageFrom = async (...next: [number, bigint][]) =>
    (await observeAge(cluster, { job, lanes: [exampleLane(next)], latest }, now))?.ageMs;

  const oldest = await ageFrom([0, 1n], [1, 0n]);
  expect(oldest).toBeGreaterThan(9 * hour);
  expect(oldest).toBeLessThanOrEqual(10 * hour);
  expect(await ageFrom([0, 2n], [1, 0n])).toBeLessThanOrEqual(hour);
  expect(await ageFrom([0, 2n], [1, 1n])).toBe(undefined);
});

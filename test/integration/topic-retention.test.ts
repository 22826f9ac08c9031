import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { KafkaCluster } from '#shared/kafka/cluster.ts';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { observeAge } from '../../functions/scheduler/observe-age.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { secretsFrom, testLinkDeps } from '../support/kafka-link.ts';
import { exampleJob, exampleLane } from '../support/planning-examples.ts';
import { offsets } from '../support/store-examples.ts';

/** What a real broker says about the age of records, and about when it deletes them. */

const brokers = inject('kafkaBrokers');
let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await openClusters(testLinkDeps()).connect({ brokers, auth: { mechanism: 'none' } });
});
afterAll(() => cluster.close());

it.each([
  ['its own', { 'retention.ms': '5400000' }, { ms: 5_400_000 }],
  ['its own by size', { 'retention.bytes': '7000000' }, { bytes: 7_000_000 }],
  ['none, when it keeps records for ever', { 'retention.ms': '-1' }, {}],
  [
    'none, when it only compacts',
    { 'cleanup.policy': 'compact', 'retention.ms': '60000', 'retention.bytes': '9' },
    {},
  ],
  [
    'its own, when it compacts and deletes',
    { 'cleanup.policy': 'compact,delete', 'retention.ms': '60000' },
    { ms: 60_000 },
  ],
])('a topic’s retention is %s', async (_which, config, expected) => {
  const topic = await createTopic(brokers, { config });

  expect(await cluster.retention?.(topic)).toEqual(expected);
});

it('a topic that is not there has no retention to tell', async () => {
  await expect(cluster.retention?.(`missing-${crypto.randomUUID()}`)).rejects.toMatchObject({
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
  const [earliest, latest] = [offsets({ 0: 0, 1: 0 }), offsets({ 0: 2, 1: 1 })];
  const ageFrom = async (...next: [number, bigint][]) =>
    (await observeAge(cluster, { job, lanes: [exampleLane(next)], earliest, latest }, now))?.ageMs;

  const oldest = await ageFrom([0, 1n], [1, 0n]);
  expect(oldest).toBeGreaterThan(9 * hour);
  expect(oldest).toBeLessThanOrEqual(10 * hour);
  expect(await ageFrom([0, 2n], [1, 0n])).toBeLessThanOrEqual(hour);
  expect(await ageFrom([0, 2n], [1, 1n])).toBe(undefined);
});

it('a log that outgrows what is not loaded is seen, from the sizes that its leaders tell', async () => {
  const limit = 1_000_000;
  const topic = await createTopic(brokers, {
    partitions: 2,
    config: { 'retention.ms': '-1', 'retention.bytes': String(limit) },
  });
  const now = Date.now();
  const value = 'x'.repeat(1_000);
  const hour = 3_600_000;
  const records = Array.from({ length: 200 }, (_, i) => ({
    value,
    partition: 0,
    timestamp: i < 100 ? now - 5 * hour : now - hour / 2,
  }));
  await produce(brokers, topic, { records: [...records, { value: 'little', partition: 1 }] });
  await cluster.describeTopics([topic]);

  const sizes = await cluster.logSizes?.(topic, [0, 1]);
  expect(sizes?.get(0)).toBeGreaterThan(200_000);
  expect(sizes?.get(0)).toBeLessThan(220_000);
  expect(sizes?.get(1)).toBeLessThan(1_000);

  const job = exampleJob({}, { topic });
  const lanes = [
    exampleLane([
      [0, 50n],
      [1, 0n],
    ]),
  ];
  const [earliest, latest] = [offsets({ 0: 0, 1: 0 }), offsets({ 0: 200, 1: 1 })];
  const seen = await observeAge(cluster, { job, lanes, earliest, latest }, now);
  // A hundred kilobytes an hour, and room for 850 more.
  expect((seen?.msUntilFull ?? 0) / hour).toBeGreaterThan(7);
  expect((seen?.msUntilFull ?? 0) / hour).toBeLessThan(9);
  expect(seen?.retentionMs).toBeUndefined();
});

/** Lets a user see the topic, its configuration and its records, and nothing of the cluster. */
async function allowTopic(bootstrap: string, topic: string, user: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = withoutIdleTimers(kafka).admin();
  await admin.connect();
  const operations = ['DESCRIBE', 'DESCRIBE_CONFIGS', 'READ'] as const;
  await admin.createAcls({
    acl: operations.map((operation) => ({
      principal: `User:${user}`,
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
  });
  await admin.disconnect();
}

it('who may not describe the cluster is told an age and no size, and nothing fails', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kafka-rights-'));
  const broker = await startBroker({
    directory,
    listeners: ['SASL_PLAINTEXT'],
    users: [{ username: 'alice', password: 'opens-sesame' }],
    config: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  });
  try {
    const config = { 'retention.ms': '7200000', 'retention.bytes': '1000000' };
    const topic = await createTopic([broker.bootstrap], { config });
    await produce([broker.bootstrap], topic, { records: [{ value: 'a' }, { value: 'b' }] });
    await allowTopic(broker.bootstrap, topic, 'alice');
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:alice';
    const login = JSON.stringify({ username: 'alice', password: 'opens-sesame' });
    const auth = { mechanism: 'plain', secretArn: arn, tls: false } as const;
    const own = await openClusters(
      testLinkDeps({ secrets: secretsFrom(new Map([[arn, login]])) }),
    ).connect({ brokers: [broker.addresses.SASL_PLAINTEXT ?? ''], auth });
    await own.describeTopics([topic]);
    const job = exampleJob({}, { topic });
    const [earliest, latest] = [offsets({ 0: 0 }), offsets({ 0: 2 })];
    const lanes = [exampleLane([[0, 1n]])];

    const seen = await observeAge(own, { job, lanes, earliest, latest }, Date.now());
    const sizes = await own.logSizes?.(topic, [0]);
    await own.close();

    expect(sizes).toEqual(new Map());
    expect(seen).toMatchObject({ ageMs: expect.any(Number), retentionMs: 7_200_000 });
    expect(seen?.msUntilFull).toBeUndefined();
  } finally {
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

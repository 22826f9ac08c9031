import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, inject, it } from 'vitest';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import { fetchRequest } from '../../functions/loader/kafka/fetch-request.ts';
import { fetchAnswer } from '../../functions/loader/kafka/fetch-response.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startCluster } from '../../infra/local/kafka/start-cluster.ts';
import { apiOver } from '../support/api-calls.ts';
import { createTopic, deleteRecordsBelow, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';
import { freshTables, startProduct } from '../support/product.ts';
import { KeepingConsumer, sliceRequest, testSliceReader } from '../support/read-slice.ts';

/** Epochs of leaders (KIP-320), as real brokers judge them. */

const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;

/** As JSON, for a job. */
const values = (value: string, count: number) =>
  Array.from({ length: count }, () => ({ value: JSON.stringify({ value }) }));

const letters = (letter: string, count: number) =>
  Array.from({ length: count }, () => ({ value: letter }));

const afterwards: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of afterwards.splice(0).toReversed()) await clean();
});

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'routine-load-epochs-'));
  afterwards.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function openTo(brokers: string[]): Promise<ClusterLink> {
  const link = await openLink({ brokers, auth: { mechanism: 'none' } }, testLinkDeps());
  afterwards.push(() => link.close());
  return link;
}

interface Asked {
  readonly topic: string;
  readonly topicId?: string | undefined;
  readonly leaderEpoch: number;
}

/** Fetches partition 0 from its beginning, from node 1. */
async function fetchFrom(link: ClusterLink, { topic, topicId, leaderEpoch }: Asked) {
  let apiVersion = 0;
  const body = await link.send(1, (versions) => {
    const partitions = [
      { partition: 0, offset: 0n, leaderEpoch, lastEpoch: -1, maxBytes: 1_000_000 },
    ];
    const limits = { maxWaitMs: 100, minBytes: 1, maxBytes: 1_000_000, rackId: '' };
    const isolation = 'read_committed';
    const request = fetchRequest({ topic, topicId, partitions, isolation, ...limits }, versions);
    apiVersion = request.apiVersion;
    return request;
  });
  const [part] = fetchAnswer(body, { apiVersion }).partitions;
  return { errorCode: part?.errorCode, hasRecords: (part?.records.length ?? 0) > 0 };
}

it('a broker refuses whoever means a leader of before, or one that it does not know of yet', async () => {
  const broker = await startBroker({ directory: await directory() });
  afterwards.push(() => broker.stop());
  const brokers = [broker.bootstrap];
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: [{ value: 'a' }] });
  const before = await openTo(brokers);
  await before.refreshMetadata([topic]);
  const first = before.leaderEpoch(topic, 0);

  await broker.restart();
  const after = await openTo(brokers);
  const topicId = (await after.refreshMetadata([topic])).topics.get(topic)?.topicId;
  const current = after.leaderEpoch(topic, 0);

  expect(current).toBeGreaterThan(first);
  for (const asked of [{ topic }, { topic, topicId }]) {
    const withEpoch = (leaderEpoch: number) => fetchFrom(after, { ...asked, leaderEpoch });
    expect(await withEpoch(current)).toEqual({ errorCode: 0, hasRecords: true });
    expect(await withEpoch(-1)).toEqual({ errorCode: 0, hasRecords: true });
    expect((await withEpoch(first)).errorCode).toBe(FENCED_LEADER_EPOCH);
    expect((await withEpoch(current + 1)).errorCode).toBe(UNKNOWN_LEADER_EPOCH);
  }
});

it('leaders that come and go, and records that retention deletes, are no loss', async () => {
  const broker = await startBroker({ directory: await directory() });
  afterwards.push(() => broker.stop());
  const brokers = [broker.bootstrap];
  const topic = await createTopic(brokers);
  const link = await openTo(brokers);
  const topicId = (await link.refreshMetadata([topic])).topics.get(topic)?.topicId;
  let epochs: LeaderEpochs = new Map();
  /** By a loader that knows of those before it only what they have left behind. */
  const read = async (from: number, to: number) => {
    const reader = testSliceReader();
    const consumer = new KeepingConsumer();
    const request = sliceRequest(brokers, { topic, topicId, epochs, slice: { 0: [from, to] } });
    await reader.read({ ...request, topicId: undefined }, new KeepingConsumer());
    ({ epochs } = await reader.read(request, consumer));
    await reader.close();
    expect(epochs.get(0)).toBeGreaterThanOrEqual(0);
    return consumer.offsets();
  };

  await produce(brokers, topic, { records: letters('a', 10) });
  expect(await read(0, 10)).toHaveLength(10);
  await broker.restart();
  await produce(brokers, topic, { records: letters('b', 10) });
  // The first leader's records are deleted to the last one, and with them what the broker knew of its epoch.
  await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 10n });
  expect(await read(10, 13)).toEqual([10, 11, 12]);
  await broker.restart();
  await produce(brokers, topic, { records: letters('c', 10) });
  await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 13n });
  expect(await read(13, 20)).toHaveLength(7);
  expect(await read(20, 30)).toHaveLength(10);
});

/** A topic of one partition on nodes 2 and 3, which may be led by one that lacks records. */
async function createReckless(admin: Admin, link: ClusterLink, topic: string): Promise<void> {
  await admin.createTopics({
    // kafkajs gives up where a broker has not heard of the topic yet.
    waitForLeaders: false,
    topics: [
      {
        topic,
        replicaAssignment: [{ partition: 0, replicas: [2, 3] }],
        configEntries: [{ name: 'unclean.leader.election.enable', value: 'true' }],
      },
    ],
  });
  const leaders = async () => {
    await link.refreshMetadata([topic]);
    return link.leaders(topic, [0]);
  };
  while ((await leaders()).size === 0) await delay(50);
}

async function stateOf(admin: Admin, topic: string): Promise<{ leader: number; isr: number[] }> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { leader = -1, isr = [] } = topics[0]?.partitions[0] ?? {};
  return { leader, isr };
}

it('F22: a loader that starts in a log which lost what others have loaded pauses its job, once, with LOG_TRUNCATED', async () => {
  const cluster = await startCluster({
    nodes: 3,
    directory: await directory(),
    config: { 'broker.session.timeout.ms': '1000', 'broker.heartbeat.interval.ms': '200' },
  });
  afterwards.push(() => cluster.stop());
  const brokers = cluster.brokers.map(({ bootstrap }) => bootstrap);
  const [first = '', second = '', third = ''] = brokers;
  const kafka = withoutIdleTimers(new Kafka({ brokers: [first], logLevel: logLevel.NOTHING }));
  const admin = kafka.admin();
  await admin.connect();
  afterwards.push(() => admin.disconnect());
  const topic = 'reckless';
  const link = await openTo([first]);
  await createReckless(admin, link, topic);
  const tables = await freshTables(inject('dynamodbEndpoint'));
  const { call } = apiOver(tables);
  /** A scheduler and a loader that know nothing but the tables, and end. */
  const runs = async (id: string) => {
    const product = await startProduct(tables);
    try {
      await product.settle(id);
      const lines = await product.lines('reckless').catch(() => []);
      return lines.map((line) => JSON.parse(line).value).join('');
    } finally {
      await product.close();
    }
  };

  await produce([first, second], topic, { records: values('a', 10) });
  await cluster.brokers[2]?.stop();
  while ((await stateOf(admin, topic)).isr.includes(3)) await delay(50);
  await produce([first, second], topic, { records: values('b', 10) });
  const { body } = await call('POST /jobs', {
    body: {
      name: topic,
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      destination: { file: { table: topic } },
    },
  });
  const { id } = body as { id: string };
  expect(await runs(id)).toBe('aaaaaaaaaabbbbbbbbbb');
  await call(`POST /jobs/${id}/pause`);
  expect(await runs(id)).toBe('');

  await link.refreshMetadata([topic]);
  const epochs = new Map([[0, link.leaderEpoch(topic, 0)]]);

  await cluster.brokers[1]?.kill();
  await cluster.brokers[2]?.restart();
  while ((await stateOf(admin, topic)).leader !== 3) await delay(50);
  await produce([first, third], topic, { records: values('c', 20) });
  // By the topic's name, as brokers before 3.1 are asked.
  const reader = testSliceReader();
  afterwards.push(() => reader.close());
  const onwards = sliceRequest(brokers, { topic, epochs, slice: { 0: [20, 30] } });
  await expect(reader.read(onwards, new KeepingConsumer())).rejects.toMatchObject({
    code: 'LOG_TRUNCATED',
    partitions: [0],
  });
  await call(`POST /jobs/${id}/resume`);
  expect(await runs(id)).toBe('');
  const { body: paused } = await call(`GET /jobs/${id}`);
  expect(paused).toMatchObject({ state: 'PAUSED', reason: { code: 'LOG_TRUNCATED' } });
  const { body: history } = await call(`GET /jobs/${id}/history`);
  expect(history.entries[0].detail).toMatchObject({ partition: 0, offset: '20', agreesTo: '10' });

  await call(`POST /jobs/${id}/resume`);
  expect(await runs(id)).toBe('cccccccccc');
  await produce([first, third], topic, { records: values('d', 5) });
  expect(await runs(id)).toBe('ddddd');
  const { body: after } = await call(`GET /jobs/${id}`);
  expect(after).toMatchObject({ state: 'RUNNING' });
});

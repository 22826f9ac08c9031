import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, it } from 'vitest';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import { fetchRequest } from '../../functions/loader/kafka/fetch-request.ts';
import { fetchAnswer } from '../../functions/loader/kafka/fetch-response.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startCluster } from '../../infra/local/kafka/start-cluster.ts';
import { createTopic, deleteRecordsBelow, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';
import { KeepingConsumer, sliceRequest, testSliceReader } from '../support/read-slice.ts';

/** Epochs of leaders (KIP-320), as real brokers judge them. */

const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;

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
  let flexible: boolean | undefined;
  const body = await link.send(1, (versions) => {
    const partitions = [
      { partition: 0, offset: 0n, leaderEpoch, lastEpoch: -1, maxBytes: 1_000_000 },
    ];
    const limits = { maxWaitMs: 100, minBytes: 1, maxBytes: 1_000_000, rackId: '' };
    const isolation = 'read_committed';
    const request = fetchRequest({ topic, topicId, partitions, isolation, ...limits }, versions);
    flexible = request.flexible;
    return request;
  });
  const [part] = fetchAnswer(body, { flexible }).partitions;
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
  const reader = testSliceReader();
  afterwards.push(() => reader.close());
  const link = await openTo(brokers);
  const topicId = (await link.refreshMetadata([topic])).topics.get(topic)?.topicId;
  const read = async (from: number, to: number) => {
    const consumer = new KeepingConsumer();
    await reader.read(
      sliceRequest(brokers, { topic, topicId, slice: { 0: [from, to] } }),
      consumer,
    );
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
async function createReckless(admin: Admin, topic: string): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        replicaAssignment: [{ partition: 0, replicas: [2, 3] }],
        configEntries: [{ name: 'unclean.leader.election.enable', value: 'true' }],
      },
    ],
  });
}

async function stateOf(admin: Admin, topic: string): Promise<{ leader: number; isr: number[] }> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { leader = -1, isr = [] } = topics[0]?.partitions[0] ?? {};
  return { leader, isr };
}

it('F22: a slice that goes on in a log which lost what the slice before has read is LOG_TRUNCATED, once', async () => {
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
  await createReckless(admin, topic);
  const reader = testSliceReader();
  afterwards.push(() => reader.close());
  const link = await openTo([first]);
  const topicId = (await link.refreshMetadata([topic])).topics.get(topic)?.topicId;
  const read = async (from: number, to: number) => {
    const consumer = new KeepingConsumer();
    const request = sliceRequest(brokers, { topic, topicId, slice: { 0: [from, to] } });
    await reader.read(request, consumer);
    return consumer.records.map(({ value }) => value).join('');
  };

  await produce([first, second], topic, { records: letters('a', 10) });
  await cluster.brokers[2]?.stop();
  while ((await stateOf(admin, topic)).isr.includes(3)) await delay(50);
  await produce([first, second], topic, { records: letters('b', 10) });
  expect(await read(0, 20)).toBe('aaaaaaaaaabbbbbbbbbb');

  await cluster.brokers[1]?.kill();
  await cluster.brokers[2]?.restart();
  while ((await stateOf(admin, topic)).leader !== 3) await delay(50);
  await produce([first, third], topic, { records: letters('c', 20) });

  await expect(read(20, 30)).rejects.toMatchObject({
    code: 'LOG_TRUNCATED',
    facts: { topic, partition: 0, offset: 20n, agreesTo: 10n },
  });
  expect(await read(20, 30)).toBe('cccccccccc');
  expect(await read(0, 30)).toBe('aaaaaaaaaacccccccccccccccccccc');
});

import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { allowedBrokers } from '#shared/kafka/allowed-brokers.ts';
import type { ClusterAddress, KafkaCluster } from '#shared/kafka/cluster.ts';
import { metadataRequest, readMetadata } from '#shared/kafka/metadata-request.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import { freePorts } from '../../infra/local/free-port.ts';
import {
  addPartitions,
  beginTransaction,
  createTopic,
  deleteRecordsBelow,
  deleteTopic,
  produce,
} from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';

const brokers = inject('kafkaBrokers');
const address: ClusterAddress = { brokers, auth: { mechanism: 'none' } };
const isolation = 'read_committed';
let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await openClusters(testLinkDeps()).connect(address);
});
afterAll(() => cluster.close());

describe('topics', () => {
  test('are described in one answer, sorted, without those that do not exist', async () => {
    const wide = await createTopic(brokers, { partitions: 12 });
    const narrow = await createTopic(brokers);
    const missing = `missing-${wide}`;

    const topics = await cluster.describeTopics([wide, missing, narrow, 'not a legal name']);

    expect([...topics.keys()].sort()).toEqual([narrow, wide].sort());
    expect(topics.get(wide)?.partitions).toEqual([...Array(12).keys()]);
    expect(topics.get(narrow)?.partitions).toEqual([0]);
    expect(topics.get(wide)?.topicId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('that do not exist are not created by asking', async () => {
    const missing = `missing-${crypto.randomUUID()}`;
    await cluster.describeTopics([missing]);
    expect((await cluster.describeTopics([missing])).size).toBe(0);
  });

  test('keep their id while partitions are added, and get another one when they are made again', async () => {
    const topic = await createTopic(brokers);
    const first = (await cluster.describeTopics([topic])).get(topic);
    await addPartitions(brokers, topic, 3);
    // A broker hears of them a little after the controller has promised them.
    await expect
      .poll(async () => (await cluster.describeTopics([topic])).get(topic), { timeout: 10_000 })
      .toEqual({ topicId: first?.topicId, partitions: [0, 1, 2] });
    await deleteTopic(brokers, topic);
    await expect
      .poll(async () => (await cluster.describeTopics([topic])).size, { timeout: 10_000 })
      .toBe(0);
    await createTopic(brokers, { name: topic });
    const again = (await cluster.describeTopics([topic])).get(topic);

    expect(again?.partitions).toEqual([0]);
    expect(again?.topicId).not.toBe(first?.topicId);
  });
});

test('the request that old brokers understand gives the same answer, without ids and epochs', async () => {
  const topic = await createTopic(brokers, { partitions: 3 });
  const link = await openLink(address, testLinkDeps());
  const asking = metadataRequest([topic, 'missing'], new Map([[3, { min: 0, max: 7 }]]));

  const old = readMetadata(await link.send('any', asking), asking);
  const current = await link.refreshMetadata([topic, 'missing']);
  await link.close();

  expect(asking.apiVersion).toBe(7);
  expect(old.brokers).toEqual(current.brokers);
  expect(old.topics.get('missing')?.errorCode).toBe(3);
  const { topicId, ...rest } = current.topics.get(topic) ?? {};
  expect(topicId).toBeDefined();
  const states = [...(current.topics.get(topic)?.partitions.values() ?? [])];
  expect(states.map(({ leaderEpoch }) => leaderEpoch)).toEqual([0, 0, 0]);
  const uncounted = new Map(
    states.map((state) => [state.partition, { ...state, leaderEpoch: -1 }]),
  );
  expect(old.topics.get(topic)).toEqual({ ...rest, partitions: uncounted });
});

describe('offsets', () => {
  test('are those of the first kept record and of the log end, and 0 for an empty partition', async () => {
    const topic = await createTopic(brokers, { partitions: 3 });
    const records = Array.from({ length: 10 }, (_, i) => ({ value: `${i}`, partition: i % 2 }));
    await produce(brokers, topic, { records });
    await deleteRecordsBelow(brokers, topic, { partition: 1, offset: 3n });

    const partitions = [0, 1, 2];
    const earliest = await cluster.listOffsets({ topic, partitions, at: 'earliest', isolation });
    const latest = await cluster.listOffsets({ topic, partitions, at: 'latest', isolation });

    expect(new Map([...earliest].sort())).toEqual(
      new Map([
        [0, 0n],
        [1, 3n],
        [2, 0n],
      ]),
    );
    expect(new Map([...latest].sort())).toEqual(
      new Map([
        [0, 5n],
        [1, 5n],
        [2, 0n],
      ]),
    );
  });

  test('F28: of a time are those of the first record at or after it, or the log end', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const from = Date.parse('2026-01-01T00:00:00Z');
    const records = [0, 1, 2].map((i) => ({ value: `${i}`, timestamp: from + i * 1_000 }));
    await produce(brokers, topic, { records });

    const at = (timestampMs: number) =>
      cluster.listOffsets({ topic, partitions: [0, 1], at: { timestampMs }, isolation });

    expect((await at(from)).get(0)).toBe(0n);
    expect((await at(from + 1)).get(0)).toBe(1n);
    expect((await at(from + 2_000)).get(0)).toBe(2n);
    expect(await at(from + 2_001)).toEqual(
      new Map([
        [0, 3n],
        [1, 0n],
      ]),
    );
  });

  test('F25: end before an open transaction for read_committed, and not for read_uncommitted', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: [{ value: 'a' }, { value: 'b' }] });
    const transaction = await beginTransaction(brokers, topic);
    await transaction.send([{ value: 'c' }]);
    const end = async (level: 'read_committed' | 'read_uncommitted') =>
      (await cluster.listOffsets({ topic, partitions: [0], at: 'latest', isolation: level })).get(
        0,
      );

    const whileOpen = [await end('read_committed'), await end('read_uncommitted')];
    await transaction.abort();

    expect(whileOpen).toEqual([2n, 3n]);
    // The abort marker takes an offset, too.
    await expect.poll(() => end('read_committed')).toBe(4n);
  });

  test('of many partitions come at once', async () => {
    const topic = await createTopic(brokers, { partitions: 200 });
    const partitions = [...Array(200).keys()];
    const offsets = await cluster.listOffsets({ topic, partitions, at: 'latest', isolation });
    expect(offsets.size).toBe(200);
  });

  test('of a missing topic are TOPIC_NOT_FOUND, and of a missing partition PARTITION_NOT_FOUND', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const missing = `missing-${topic}`;
    await expect(
      cluster.listOffsets({ topic: missing, partitions: [0], at: 'latest', isolation }),
    ).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
    await expect(
      cluster.listOffsets({ topic, partitions: [0, 7], at: 'latest', isolation }),
    ).rejects.toMatchObject({ code: 'PARTITION_NOT_FOUND', facts: { partitions: [7] } });
  });
});

describe('a cluster that cannot be had', () => {
  const connect = (to: Partial<ClusterAddress>, deps = testLinkDeps()) =>
    openClusters(deps).connect({ ...address, ...to });

  test('is BROKER_UNREACHABLE at once when nothing listens', async () => {
    const [port] = await freePorts(1);
    await expect(connect({ brokers: [`127.0.0.1:${port}`] })).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
    });
  });

  test('is BROKER_UNREACHABLE within three connection timeouts when it accepts and says nothing', async () => {
    const sockets: { destroy(): void }[] = [];
    const mute = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    const begun = performance.now();

    const failure = await connect(
      { brokers: [`127.0.0.1:${port}`, `127.0.0.1:${port}`] },
      testLinkDeps({ connectTimeoutMs: 300, requestTimeoutMs: 30_000 }),
    ).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    expect(performance.now() - begun).toBeLessThan(3_000);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });

  test('is reached all the same when one of its brokers answers', async () => {
    const [port] = await freePorts(1);
    const reached = await connect({ brokers: [`127.0.0.1:${port}`, ...brokers] });
    expect((await reached.describeTopics([])).size).toBe(0);
    await reached.close();
  });

  test('is BROKER_NOT_ALLOWED when a named broker is not on the list', async () => {
    const deps = testLinkDeps({ allowed: allowedBrokers(['*.example.com']) });
    await expect(connect({}, deps)).rejects.toMatchObject({ code: 'BROKER_NOT_ALLOWED' });
  });

  test('is BROKER_NOT_ALLOWED when the brokers that it advertises are not on the list', async () => {
    const port = brokers[0]?.split(':')[1];
    // It is reached as localhost, and says that it is 127.0.0.1.
    const deps = testLinkDeps({ allowed: allowedBrokers(['localhost']) });
    await expect(connect({ brokers: [`localhost:${port}`] }, deps)).rejects.toMatchObject({
      code: 'BROKER_NOT_ALLOWED',
      facts: { host: '127.0.0.1' },
    });
  });
});

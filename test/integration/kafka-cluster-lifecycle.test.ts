import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startCluster } from '../../infra/local/kafka/start-cluster.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';

let directory: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-lifecycle-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(directory, { recursive: true, force: true });
});

async function ends(brokers: string[], topic: string): Promise<OffsetMap> {
  const cluster = await openClusters(testLinkDeps()).connect({
    brokers,
    auth: { mechanism: 'none' },
  });
  cleanups.push(() => cluster.close());
  return cluster.listOffsets({ topic, partitions: [0], at: 'latest', isolation: 'read_committed' });
}

/** A process of its own that starts a broker and says where. */
async function parentOfBroker(): Promise<{ parent: ChildProcess; bootstrap: string }> {
  const script = `
    import { startBroker } from './infra/local/kafka/start-broker.ts';
    const broker = await startBroker({ directory: process.argv[1] });
    process.stdout.write(broker.bootstrap);
    setInterval(() => {}, 60_000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(async () => parent.kill('SIGKILL'));
  const [bootstrap] = await once(parent.stdout, 'data');
  return { parent, bootstrap: String(bootstrap) };
}

test('a broker dies with its parent by kill -9, and a successor on its directory waits for that', async () => {
  const { parent, bootstrap } = await parentOfBroker();
  const topic = await createTopic([bootstrap]);
  await produce([bootstrap], topic, { records: [{ value: 'kept' }] });

  parent.kill('SIGKILL');
  await once(parent, 'exit');
  const successor = await startBroker({ directory });
  cleanups.push(() => successor.stop());

  expect(successor.bootstrap).toBe(bootstrap);
  expect(await ends([bootstrap], topic)).toEqual(new Map([[0, 1n]]));
});

test('a broker that was killed keeps its records, port and topic ids', async () => {
  const broker = await startBroker({ directory });
  cleanups.push(() => broker.stop());
  const brokers = [broker.bootstrap];
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: [{ value: 'a' }, { value: 'b' }] });
  const cluster = await openClusters(testLinkDeps()).connect({
    brokers,
    auth: { mechanism: 'none' },
  });
  cleanups.push(() => cluster.close());
  const before = await cluster.describeTopics([topic]);

  await broker.kill();
  const whileDown = await cluster.describeTopics([topic]).catch((error: unknown) => error);
  await broker.restart();

  expect(whileDown).toMatchObject({ code: 'BROKER_UNREACHABLE' });
  // The same link serves again.
  expect(await cluster.describeTopics([topic])).toEqual(before);
  expect(await ends(brokers, topic)).toEqual(new Map([[0, 2n]]));
});

test('F22: offsets are found where the leader moved to', async () => {
  const local = await startCluster({ directory, nodes: 2 });
  cleanups.push(() => local.stop());
  const brokers = local.bootstrap.split(',');
  const topic = await createTopic(brokers, { partitions: 2, replicas: 2 });
  await produce(brokers, topic, { records: [{ value: 'a' }, { value: 'b', partition: 1 }] });
  const address = { brokers, auth: { mechanism: 'none' } } as const;
  const link = await openLink(address, testLinkDeps());
  cleanups.push(() => link.close());
  const cluster = await openClusters(testLinkDeps()).connect(address);
  cleanups.push(() => cluster.close());
  const partitions = [0, 1];
  const query = { topic, partitions, at: 'latest', isolation: 'read_committed' } as const;
  await cluster.describeTopics([topic]);
  await cluster.listOffsets(query);
  await link.refreshMetadata([topic]);
  const before = link.leaders(topic, partitions);

  await local.brokers[1]?.stop();
  const after = await cluster.listOffsets(query);
  await link.refreshMetadata([topic]);

  expect(before.size).toBe(2);
  expect(after).toEqual(
    new Map([
      [0, 1n],
      [1, 1n],
    ]),
  );
  expect(link.leaders(topic, partitions)).toEqual(new Map([[1, partitions]]));
});

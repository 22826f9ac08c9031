import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { withoutIdleTimers } from '#shared/kafka/kafkajs-inside.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startCluster } from '../../infra/local/kafka/start-cluster.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { KeepingConsumer, sliceRequest, testSliceReader } from '../support/read-slice.ts';

const BATCHES = 16;
const PER_BATCH = 50;
const TOTAL = BATCHES * PER_BATCH;
const ALL = Array.from({ length: TOTAL }, (_, offset) => offset);
/** Small answers, so that most of the slice is still to be fetched when the trouble begins. */
const SMALL = { partitionBytes: 2_000, answerBytes: 4_000 };

/** A broker that was killed cannot come back before its session has ended. */
const SHORT_SESSION = {
  'broker.session.timeout.ms': '1000',
  'broker.heartbeat.interval.ms': '200',
};

const afterwards: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of afterwards.splice(0).toReversed()) await clean();
});

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'routine-load-moves-'));
  afterwards.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function filledTopic(brokers: string[], partitions: number): Promise<string> {
  const topic = await createTopic(brokers, { partitions });
  for (let partition = 0; partition < partitions; partition += 1) {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const records = Array.from({ length: PER_BATCH }, (_, i) => ({
        partition,
        value: `value ${i}`,
      }));
      await produce(brokers, topic, { records });
    }
  }
  return topic;
}

/** Reads everything; `trouble` is made once, when some of it has come. */
async function readThrough(
  brokers: string[],
  options: {
    readonly topic: string;
    readonly partitions: number;
    readonly trouble: () => Promise<void>;
  },
): Promise<KeepingConsumer> {
  const { topic, partitions, trouble } = options;
  const reader = testSliceReader(SMALL);
  const consumer = new KeepingConsumer();
  let isTroubled = false;
  consumer.drain = async () => {
    if (!isTroubled && consumer.records.length > 300) {
      isTroubled = true;
      await trouble();
    }
    return true;
  };
  const slice = Object.fromEntries(
    Array.from({ length: partitions }, (_, partition) => [partition, [0, TOTAL] as const]),
  );
  try {
    const read = await reader.read(
      sliceRequest(brokers, { topic, slice, deadline: systemClock.now() + 50_000 }),
      consumer,
    );
    expect([...read.to.values()]).toEqual(Array(partitions).fill(BigInt(TOTAL)));
    expect(isTroubled).toBe(true);
  } finally {
    await reader.close();
  }
  return consumer;
}

describe('F22: a slice is read to its end', () => {
  it('while the leader of its partition moves to another broker', async () => {
    const cluster = await startCluster({ nodes: 2, directory: await directory() });
    afterwards.push(() => cluster.stop());
    const brokers = cluster.brokers.map(({ bootstrap }) => bootstrap);
    const topic = await filledTopic(brokers, 2);
    const kafka = withoutIdleTimers(new Kafka({ brokers, logLevel: logLevel.NOTHING }));
    const admin = kafka.admin();
    await admin.connect();
    afterwards.push(() => admin.disconnect());
    const leaders = async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      return new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]));
    };
    const before = await leaders();
    const other = (partition: number) => (before.get(partition) === 1 ? 2 : 1);

    const consumer = await readThrough(brokers, {
      topic,
      partitions: 2,
      trouble: async () => {
        const partitionAssignment = [0, 1].map((partition) => ({
          partition,
          replicas: [other(partition)],
        }));
        await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
        const moved = async () =>
          [...(await leaders())].every(([partition, leader]) => leader === other(partition));
        while (!(await moved())) await delay(50);
      },
    });

    expect(consumer.offsets(0)).toEqual(ALL);
    expect(consumer.offsets(1)).toEqual(ALL);
  });

  it.each(['stopped', 'killed'] as const)('while its broker is %s and comes back', async (end) => {
    const broker = await startBroker({ directory: await directory(), config: SHORT_SESSION });
    afterwards.push(() => broker.stop());
    const brokers = [broker.bootstrap];
    const topic = await filledTopic(brokers, 1);

    const consumer = await readThrough(brokers, {
      topic,
      partitions: 1,
      trouble: async () => {
        if (end === 'killed') await broker.kill();
        await broker.restart();
      },
    });

    expect(consumer.offsets(0)).toEqual(ALL);
  });

  it('by the next try, over the same reader, when its broker was away for too long', async () => {
    const broker = await startBroker({ directory: await directory(), config: SHORT_SESSION });
    afterwards.push(() => broker.stop());
    const brokers = [broker.bootstrap];
    const topic = await filledTopic(brokers, 1);
    const reader = testSliceReader({ ...SMALL, patienceMs: 500 });
    afterwards.push(() => reader.close());
    const request = () => sliceRequest(brokers, { topic, slice: { 0: [0, TOTAL] } });
    const first = new KeepingConsumer();
    first.drain = async () => {
      if (first.records.length === PER_BATCH) await broker.kill();
      return true;
    };
    const second = new KeepingConsumer();

    await expect(reader.read(request(), first)).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
    });
    await broker.restart();
    await reader.read(request(), second);

    expect(first.offsets(0)).toEqual(ALL.slice(0, first.records.length));
    expect(second.offsets(0)).toEqual(ALL);
  });
});

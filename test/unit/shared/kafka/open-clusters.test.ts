import { afterEach, expect, test } from 'vitest';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import type { LinkDeps } from '#shared/kafka/open-link.ts';
import { WireWriter } from '#shared/kafka/wire.ts';
import { type DoubleRequest, startKafkaDouble } from '../../../support/kafka-double.ts';
import { testLinkDeps } from '../../../support/kafka-link.ts';

// What a healthy broker cannot be made to answer; the rest is in test/integration/kafka-cluster*.test.ts.

const METADATA = 3;
const LIST_OFFSETS = 2;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Misbehaviour {
  /** Error codes of the topic `t`, one for each time it is asked for; the last one stays. */
  readonly topicErrors?: readonly number[];
  /** Error codes of ListOffsets, likewise. */
  readonly offsetErrors?: readonly number[];
  readonly leader?: number;
  readonly cutAnswers?: boolean;
}

/** A broker, node 1, that speaks Metadata 7, with the topic `t` of one partition. */
async function connect(misbehaviour: Misbehaviour, deps: Partial<LinkDeps> = {}) {
  const { topicErrors = [0], offsetErrors = [0], leader = 1, cutAnswers = false } = misbehaviour;
  let asked = 0;
  let listed = 0;
  let port = 0;
  const broker = await startKafkaDouble({
    versions: { [LIST_OFFSETS]: [1, 5], [METADATA]: [0, 7] },
    answer: ({ apiKey, body }: DoubleRequest) => {
      if (apiKey === LIST_OFFSETS) {
        return offsets(offsetErrors[Math.min(listed++, offsetErrors.length - 1)] ?? 0);
      }
      const topics = body.readInt32BE(0);
      if (topics > 0 && cutAnswers) return Buffer.from([0, 0]);
      const error = topicErrors[Math.min(asked, topicErrors.length - 1)] ?? 0;
      if (topics > 0) asked += 1;
      return metadata({ port, leader, error: topics > 0 ? error : undefined });
    },
  });
  port = broker.address.port;
  cleanups.push(() => broker.stop());
  const cluster = await openClusters(testLinkDeps(deps)).connect({
    brokers: [`127.0.0.1:${port}`],
    auth: { mechanism: 'none' },
  });
  cleanups.push(() => cluster.close());
  return { cluster, broker };
}

function metadata(answer: { port: number; leader: number; error: number | undefined }): Buffer {
  const { port, leader, error } = answer;
  const body = new WireWriter().int32(0).int32(1);
  body.int32(1).string('127.0.0.1').int32(port).int16(-1);
  body
    .string('cluster')
    .int32(1)
    .int32(error === undefined ? 0 : 1);
  if (error === undefined) return body.finish();
  body
    .int16(error)
    .string('t')
    .boolean(false)
    .int32(error === 0 ? 1 : 0);
  if (error === 0) body.int16(0).int32(0).int32(leader).int32(5).int32(0).int32(0).int32(0);
  return body.finish();
}

function offsets(error: number): Buffer {
  return new WireWriter()
    .int32(0)
    .int32(1)
    .string('t')
    .int32(1)
    .int32(0)
    .int16(error)
    .int64(-1n)
    .int64(error === 0 ? 42n : -1n)
    .finish();
}

const query = { topic: 't', partitions: [0], at: 'latest', isolation: 'read_committed' } as const;
/** Waits take no time, and deadlines never come. */
const hasty = (slept: number[]) => ({
  clock: {
    now: () => 0,
    sleep: (ms: number, signal?: AbortSignal) => {
      if (signal)
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      slept.push(ms);
      return Promise.resolve();
    },
  },
});

test('an old broker without topic ids describes its topics all the same', async () => {
  const { cluster, broker } = await connect({});
  expect([...(await cluster.describeTopics(['t']))]).toEqual([['t', { partitions: [0] }]]);
  expect(broker.requests.map(({ apiVersion }) => apiVersion)).toEqual([7, 7]);
});

test('a topic whose leader is being chosen is asked for again', async () => {
  const slept: number[] = [];
  const { cluster } = await connect({ topicErrors: [5, 5, 0] }, hasty(slept));
  expect((await cluster.describeTopics(['t'])).get('t')).toEqual({ partitions: [0] });
  expect(slept).toEqual([100, 200]);
});

test('a topic whose leader is never chosen is a KAFKA_ERROR after a few tries', async () => {
  const slept: number[] = [];
  const { cluster } = await connect({ topicErrors: [5] }, hasty(slept));
  await expect(cluster.describeTopics(['t'])).rejects.toMatchObject({
    code: 'KAFKA_ERROR',
    facts: { topic: 't', errorName: 'LEADER_NOT_AVAILABLE' },
  });
  expect(slept).toEqual([100, 200, 400, 800, 1_600]);
});

test('a topic that we may not see is BROKER_AUTH_FAILED and not missing', async () => {
  const { cluster } = await connect({ topicErrors: [29] });
  await expect(cluster.describeTopics(['t'])).rejects.toMatchObject({
    code: 'BROKER_AUTH_FAILED',
    message: 'the broker answered TOPIC_AUTHORIZATION_FAILED for topic t',
  });
});

test('offsets follow a leader that moved', async () => {
  const slept: number[] = [];
  const { cluster } = await connect({ offsetErrors: [6, 78, 0] }, hasty(slept));
  expect(await cluster.listOffsets(query)).toEqual(new Map([[0, 42n]]));
  // The topic's leader was not known at first; asking for it needs no pause.
  expect(slept).toEqual([100, 200]);
});

test('offsets of a partition that stays without a leader are a KAFKA_ERROR', async () => {
  const { cluster } = await connect({ leader: -1 }, hasty([]));
  await expect(cluster.listOffsets(query)).rejects.toMatchObject({
    code: 'KAFKA_ERROR',
    message: 'partition t-0 has no leader now',
  });
});

test('an error that does not pass is raised at once', async () => {
  const slept: number[] = [];
  const { cluster } = await connect({ offsetErrors: [0, 29] }, hasty(slept));
  await cluster.listOffsets(query);
  await expect(cluster.listOffsets(query)).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });
  expect(slept).toEqual([]);
});

test('an answer that makes no sense is a KAFKA_ERROR', async () => {
  const { cluster } = await connect({ cutAnswers: true });
  await expect(cluster.describeTopics(['t'])).rejects.toMatchObject({ code: 'KAFKA_ERROR' });
});

test('the control plane is asked for several missing topics at once: where it is not reached, each takes seconds', async () => {
  const broker = await startKafkaDouble({
    versions: { [LIST_OFFSETS]: [1, 5], [METADATA]: [0, 7] },
    answer: () => metadata({ port: broker.address.port, leader: 1, error: undefined }),
  });
  cleanups.push(() => broker.stop());
  const asked: string[] = [];
  const bothAsked = Promise.withResolvers<void>();
  const cluster = await openClusters(
    testLinkDeps({
      msk: {
        bootstrapBrokers: async () => [`127.0.0.1:${broker.address.port}`],
        async topicPartitions(_clusterArn, topic) {
          asked.push(topic);
          if (asked.length === 2) bothAsked.resolve();
          await bothAsked.promise;
          return topic === 'there' ? [0, 1] : undefined;
        },
      },
    }),
  ).connect({
    clusterArn: 'arn:aws:kafka:eu-west-1:111111111111:cluster/a/b',
    auth: { mechanism: 'none' },
  });
  cleanups.push(() => cluster.close());

  const described = await cluster.describeTopics(['gone', 'there']);

  expect(described).toEqual(new Map([['there', { partitions: [0, 1] }]]));
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import { fetchRequest } from '../../functions/loader/kafka/fetch-request.ts';
import { fetchAnswer } from '../../functions/loader/kafka/fetch-response.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { testLinkDeps } from '../support/kafka-link.ts';

/** Epochs of leaders (KIP-320), as real brokers judge them. */

const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;

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
    const partitions = [{ partition: 0, offset: 0n, leaderEpoch, maxBytes: 1_000_000 }];
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

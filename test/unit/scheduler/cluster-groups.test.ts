import { describe, expect, it } from 'vitest';
import { groupByCluster, lazyView } from '../../../functions/scheduler/cluster-groups.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import type { KafkaCluster } from '../../../functions/shared/kafka/cluster.ts';
import { exampleJob } from '../../support/planning-examples.ts';

/** A cluster on which one topic may not be seen, and that refuses any request that names it. */
function clusterWithSecret(): KafkaCluster {
  return {
    async describeTopics(topics) {
      if (topics.includes('secret')) throw new LoadFailure('BROKER_AUTH_FAILED', 'not for you');
      return new Map(topics.map((topic) => [topic, { partitions: [0] }]));
    },
    async listOffsets({ partitions }) {
      return new Map(partitions.map((partition) => [partition, 7n]));
    },
    async close() {},
  };
}

describe('jobs of one cluster', () => {
  it('share a group when they read it as the same user', () => {
    const plain = exampleJob({ id: 'a' }, { brokers: ['b1:9092', 'b2:9092'] });
    const turned = exampleJob({ id: 'b' }, { brokers: ['b2:9092', 'b1:9092'] });
    const tls = exampleJob(
      { id: 'c' },
      { brokers: ['b1:9092', 'b2:9092'], auth: { mechanism: 'tls' } },
    );
    expect(groupByCluster([plain, turned, tls]).map((group) => group.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
  });

  it('do not suffer from a topic of another that may not be seen', async () => {
    const jobs = [exampleJob({}, { topic: 'secret' }), exampleJob({}, { topic: 'open' })];
    const view = lazyView({ connect: async () => clusterWithSecret() }, jobs);
    const [secret, open] = await Promise.all(jobs.map((job) => view.source({ job, lanes: [] })));

    expect(secret).toBeInstanceOf(LoadFailure);
    expect(open).toMatchObject({ latest: new Map([[0, 7n]]) });
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAgesTurn, observeAge } from '../../../functions/scheduler/observe-age.ts';
import type { KafkaCluster } from '../../../functions/shared/kafka/cluster.ts';
import type { TopicRetention } from '../../../functions/shared/kafka/topic-retention.ts';
import { exampleJob, exampleLane, NOW } from '../../support/planning-examples.ts';

const job = exampleJob();

/** A cluster whose partition p has a record at every age in `ages[p]`, oldest first, from offset 0. */
function clusterOf(ages: readonly (readonly number[])[], retention: TopicRetention = {}) {
  let requests = 0;
  const cluster: KafkaCluster = {
    describeTopics: async () => new Map(),
    async listOffsets({ partitions, at }) {
      requests += 1;
      if (typeof at === 'string') throw new Error('only times are asked for');
      return new Map(
        partitions.map((partition) => {
          const times = (ages[partition] ?? []).map((age) => NOW - age);
          const first = times.findIndex((time) => time >= at.timestampMs);
          return [partition, BigInt(first < 0 ? times.length : first)];
        }),
      );
    },
    retention: async () => retention,
    logSizes: async () => new Map(ages.map((records, p) => [p, records.length * 1_000])),
    close: async () => undefined,
  };
  return { cluster, requests: () => requests };
}

const endsOf = (ages: readonly (readonly number[])[]) => ({
  earliest: new Map(ages.map((_, partition) => [partition, 0n])),
  latest: new Map(ages.map((records, partition) => [partition, BigInt(records.length)])),
});

it('finds the age of the oldest record that is not loaded, to a tenth, in few requests', async () => {
  const records = fc.array(fc.integer({ min: 2_000, max: 10_000_000_000 }), {
    minLength: 1,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(records, fc.nat(19), async (unsorted, loaded) => {
      const sorted = unsorted.toSorted((a, b) => b - a);
      const next = Math.min(loaded, sorted.length - 1);
      const { cluster, requests } = clusterOf([sorted]);
      const lanes = [exampleLane([[0, BigInt(next)]])];

      const seen = await observeAge(cluster, { job, lanes, ...endsOf([sorted]) }, NOW);

      const age = sorted[next] ?? 0;
      expect(seen?.ageMs).toBeLessThanOrEqual(age);
      expect(seen?.ageMs).toBeGreaterThan(age * 0.9);
      expect(requests()).toBeLessThanOrEqual(8);
    }),
  );
});

it('looks at the worst partition of all lanes, and says how long the topic keeps records', async () => {
  const ages = [[900_000], [60_000], [7_200_000]];
  const { cluster } = clusterOf(ages, { ms: 86_400_000 });
  const lanes = [
    exampleLane([
      [0, 0n],
      [1, 0n],
    ]),
    // This partition's old record is loaded.
    exampleLane([[2, 1n]], { index: 1 }),
  ];

  const seen = await observeAge(cluster, { job, lanes, ...endsOf(ages) }, NOW);

  expect(seen?.ageMs).toBeGreaterThan(810_000);
  expect(seen?.ageMs).toBeLessThanOrEqual(900_000);
  expect(seen?.retentionMs).toBe(86_400_000);
  expect(seen?.msUntilFull).toBeUndefined();
});

it('asks nothing when everything is loaded, and harms nobody when the cluster does not answer', async () => {
  const idle = clusterOf([[5_000]]);
  const lanes = [exampleLane([[0, 1n]])];
  expect(await observeAge(idle.cluster, { job, lanes, ...endsOf([[1]]) }, NOW)).toBe(undefined);
  expect(idle.requests()).toBe(0);

  const mute = { ...idle.cluster, listOffsets: () => Promise.reject(new Error('gone')) };
  const behind = [exampleLane([[0, 0n]])];
  const seen = await observeAge(mute, { job, lanes: behind, ...endsOf([[1]]) }, NOW);
  expect(seen).toBe(undefined);
});

it('is a job’s turn in one of eight cycles', () => {
  const cycleMs = 60_000;
  const turns = Array.from({ length: 80 }, (_, n) =>
    isAgesTurn(job, { now: NOW + n * cycleMs, cycleMs }),
  );
  expect(turns.filter(Boolean)).toHaveLength(10);
});

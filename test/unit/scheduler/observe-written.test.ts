import { expect, it } from 'vitest';
import { observeWritten } from '../../../functions/scheduler/observe-written.ts';
import type { KafkaCluster } from '../../../functions/shared/kafka/cluster.ts';
import { exampleJob, exampleLane, exampleLog } from '../../support/planning-examples.ts';

/** Three partitions that are stable up to 5 and written up to 9. */
function clusterWithOpenTransactions() {
  const asked: number[][] = [];
  const cluster: KafkaCluster = {
    describeTopics: async () => new Map(),
    listOffsets: async ({ partitions, isolation }) => {
      asked.push([...partitions]);
      return new Map(partitions.map((p) => [p, isolation === 'read_committed' ? 5n : 9n]));
    },
    close: async () => undefined,
  };
  return { cluster, asked };
}

const { earliest, latest, at } = exampleLog([0n, 5n], [0n, 5n], [0n, 5n]);
const log = { earliest, latest, at };
const lanes = [
  exampleLane([
    [0, 5n],
    [1, 6n],
    [2, 2n],
  ]),
];

it('asks for the partitions that stand behind the last stable offset, and for no others', async () => {
  const { cluster, asked } = clusterWithOpenTransactions();
  const job = exampleJob({ state: 'RUNNING' });

  expect(await observeWritten(cluster, { job, lanes, ...log })).toEqual(new Map([[1, 9n]]));
  expect(asked).toEqual([[1]]);
});

it('asks nothing for a job that stands before it, or reads uncommitted records', async () => {
  const { cluster, asked } = clusterWithOpenTransactions();
  const before = { job: exampleJob(), lanes: [exampleLane([[0, 5n]])], ...log };
  const uncommitted = { job: exampleJob({}, { isolation: 'read_uncommitted' }), lanes, ...log };

  expect(await observeWritten(cluster, before)).toBe(undefined);
  expect(await observeWritten(cluster, uncommitted)).toBe(undefined);
  expect(asked).toEqual([]);
});

it('asks for offsets that a person gives, at the division that they are for', async () => {
  const { cluster } = clusterWithOpenTransactions();
  const starts = exampleJob({ state: 'NEED_SCHEDULE' }, { startOffsets: { 0: '7' } });
  const seeks = exampleJob({ state: 'NEED_SCHEDULE', seek: { 2: '8' } });
  const runs = { ...seeks, state: 'RUNNING' as const };

  const askedFor = (job: typeof seeks) => observeWritten(cluster, { job, lanes: [], ...log });
  expect(await askedFor(starts)).toEqual(new Map([[0, 9n]]));
  expect(await askedFor(seeks)).toEqual(new Map([[2, 9n]]));
  expect(await askedFor(runs)).toBe(undefined);
});

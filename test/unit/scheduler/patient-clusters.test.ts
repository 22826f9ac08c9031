import { expect, it } from 'vitest';
import { patientClusters } from '../../../functions/scheduler/patient-clusters.ts';
import type { ClusterAddress, KafkaCluster } from '../../../functions/shared/kafka/cluster.ts';

const question = { topic: 'flights', partitions: [0], at: 'latest', isolation: 'read_committed' };
const address: ClusterAddress = { brokers: ['b:9092'], auth: { mechanism: 'none' } };
const never = () => new Promise<never>(() => undefined);

/** A cluster that answers nothing but where it is told to. */
function silentCluster(answers: Partial<KafkaCluster> = {}) {
  const cluster: KafkaCluster = {
    describeTopics: never,
    listOffsets: never,
    retention: never,
    logSizes: never,
    close: async () => undefined,
    ...answers,
  };
  return { connect: async () => cluster };
}

/** A clock on which all that is waited for is over, once whatever can happen has happened. */
const hastyClock = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

it.each(['listOffsets', 'describeTopics', 'retention', 'logSizes'] as const)(
  'a cluster that leaves %s unanswered is unreachable, and not waited for',
  async (what) => {
    const cluster = await patientClusters(silentCluster(), hastyClock).connect(address);
    const ask = {
      listOffsets: question,
      describeTopics: ['flights'],
      retention: 'flights',
      logSizes: 'flights',
    };

    const asked = (cluster[what] as (about: unknown) => Promise<unknown>)(ask[what]);

    await expect(asked).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  },
);

it('an answer that comes is the answer', async () => {
  const answering = silentCluster({ listOffsets: async () => new Map([[0, 7n]]) });
  const cluster = await patientClusters(answering, hastyClock).connect(address);

  expect(await cluster.listOffsets(question as never)).toEqual(new Map([[0, 7n]]));
});

import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaCluster, KafkaClusters } from '#shared/kafka/cluster.ts';
import { within } from '#shared/within.ts';

/**
 * For one question to a cluster. A leader that hangs is asked again and again while it may be replaced, which takes
 * a minute and more: the cycle would be over, and its job never told why nothing comes. The margin that a cycle keeps for its end
 * is longer than this.
 */
const PATIENCE_MS = 8_000;

/** For the question after all topics, asked once in a cycle: where some are missing, MSK's control plane is heard as well. */
const TOPICS_PATIENCE_MS = 20_000;

/**
 * The same clusters, but a question that is not answered in time fails with BROKER_UNREACHABLE, so that a cycle can write
 * it down and go on to other jobs. Connecting has bounds of its own.
 */
export function patientClusters(
  clusters: KafkaClusters,
  clock: Pick<Clock, 'sleep'>,
): KafkaClusters {
  const answered = <T>(work: Promise<T>, ms = PATIENCE_MS): Promise<T> =>
    within(work, ms, {
      clock,
      late: () =>
        new LoadFailure(
          'BROKER_UNREACHABLE',
          `the cluster must answer within ${ms} ms, it does not`,
        ),
    });
  return {
    async connect(address) {
      const cluster = await clusters.connect(address);
      const { retentionMs } = cluster;
      const patient: KafkaCluster = {
        describeTopics: (topics) => answered(cluster.describeTopics(topics), TOPICS_PATIENCE_MS),
        listOffsets: (query) => answered(cluster.listOffsets(query)),
        ...(retentionMs && { retentionMs: (topic) => answered(retentionMs(topic)) }),
        close: () => cluster.close(),
      };
      return patient;
    },
  };
}

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

type Question = (...about: readonly unknown[]) => Promise<unknown>;

/**
 * The same clusters, but whatever they are asked and do not answer in time fails with BROKER_UNREACHABLE, so that a cycle
 * can write it down and go on to other jobs. Connecting and closing have bounds of their own.
 */
export function patientClusters(
  clusters: KafkaClusters,
  clock: Pick<Clock, 'sleep'>,
): KafkaClusters {
  const asking =
    (ask: Question, ms: number): Question =>
    (...about) =>
      within(ask(...about), ms, {
        clock,
        late: () =>
          new LoadFailure(
            'BROKER_UNREACHABLE',
            `the cluster must answer within ${ms} ms, it does not`,
          ),
      });
  return {
    async connect(address) {
      const { close, ...questions } = await clusters.connect(address);
      const patient = Object.entries(questions as Readonly<Record<string, Question>>).map(
        ([name, ask]) => [
          name,
          asking(ask, name === 'describeTopics' ? TOPICS_PATIENCE_MS : PATIENCE_MS),
        ],
      );
      return { ...Object.fromEntries(patient), close } as KafkaCluster;
    },
  };
}

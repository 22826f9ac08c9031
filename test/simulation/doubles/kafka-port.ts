import { LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaClusters, TopicDescription } from '#shared/kafka/cluster.ts';
import type { Calls } from '../engine/calls.ts';
import type { Faults } from '../engine/faults.ts';
import type { Process } from '../engine/process.ts';
import type { Topic } from './topic.ts';

/** What a port to Kafka needs. `topics` are by name. */
export interface KafkaPortDeps {
  readonly process: Process;
  readonly calls: Calls;
  readonly faults: Pick<Faults, 'happens'>;
  readonly topics: ReadonlyMap<string, Topic>;
}

const STALE_METADATA = 0.2;
const MISSING_TOPIC = 0.1;

function unreachable(): LoadFailure {
  return new LoadFailure('BROKER_UNREACHABLE', 'the broker does not answer');
}

/** The clusters as one scheduler sees them. */
export function makeKafkaPort(deps: KafkaPortDeps): KafkaClusters {
  const { process, calls, topics } = deps;
  const perform = <T>(what: string, effect: () => T): Promise<T> =>
    calls.perform(process, {
      kind: 'kafka',
      isPrivate: true,
      effect: async () => effect(),
      refused: unreachable,
      lost: unreachable,
      describe: () => `kafka ${what}`,
    });

  return {
    connect: () =>
      perform('connect', () => ({
        describeTopics: (names) =>
          perform(`describe ${names}`, () => {
            const known = names.flatMap((name) => describe(deps, name) ?? []);
            return new Map(known);
          }),
        listOffsets: ({ topic, partitions, at }) =>
          perform(`offsets ${topic} ${JSON.stringify(at)}`, () => {
            const log = topics.get(topic) as Topic;
            if (at !== 'earliest') return log.ends(partitions);
            const known = partitions.filter((partition) => log.logs.has(partition));
            return new Map(known.map((partition) => [partition, log.log(partition).start]));
          }),
        close: async () => {},
      })),
  };
}

/** Brokers hear of topics and partitions one after the other, and one that restarts knows less for a while. */
function describe(
  { faults, topics }: KafkaPortDeps,
  name: string,
): [[string, TopicDescription]] | undefined {
  const topic = topics.get(name);
  if (topic === undefined || faults.happens('topic-missing', MISSING_TOPIC)) return undefined;
  const partitions = [...topic.logs.keys()];
  if (partitions.length > 1 && faults.happens('metadata-stale', STALE_METADATA)) partitions.pop();
  return [[name, { topicId: topic.id, partitions }]];
}

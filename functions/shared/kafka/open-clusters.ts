import { LoadFailure } from '../domain/failure.ts';
import type { OffsetMap } from '../domain/offsets.ts';
import type { ClusterAddress, KafkaCluster, KafkaClusters, TopicDescription } from './cluster.ts';
import type { ClusterLink } from './cluster-link.ts';
import { listOffsetsRequest, type OffsetsQuestion, readOffsets } from './list-offsets.ts';
import { askLogSizes } from './log-sizes.ts';
import type { TopicMetadata } from './metadata-request.ts';
import { type LinkDeps, openLink } from './open-link.ts';
import { passesByItself, protocolFailure } from './protocol-errors.ts';
import { askRetention } from './topic-retention.ts';

/** The clusters' side of Kafka as the scheduler sees it, over {@link openLink}. */

/** Waits (ms) between tries while leaders move or a topic is being made. */
const PAUSES_MS = [100, 200, 400, 800, 1_600] as const;

/** A control plane that is not reached takes seconds to say so, and one that is throttles many questions. */
const OPINIONS_AT_ONCE = 4;

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const INVALID_TOPIC = 17;

/** Opens clusters with these parts; nothing is kept between two calls but what `deps` remembers. */
export function openClusters(deps: LinkDeps): KafkaClusters {
  return {
    async connect(address) {
      const link = await openLink(address, deps);
      return cluster(link, address, deps);
    },
  };
}

function cluster(link: ClusterLink, address: ClusterAddress, deps: LinkDeps): KafkaCluster {
  return {
    describeTopics: (topics) => describeTopics(topics, { link, address, deps }),
    async listOffsets(question) {
      const offsets = await offsetsAt(question, { link, deps });
      const late = question.partitions.filter((partition) => !offsets.has(partition));
      if (late.length === 0) return offsets;
      const ends = await offsetsAt({ ...question, partitions: late, at: 'latest' }, { link, deps });
      return new Map([...offsets, ...ends]);
    },
    retention: (topic) => askRetention(link, topic),
    logSizes: (topic, partitions) => askLogSizes(link, topic, partitions),
    close: () => link.close(),
  };
}

async function describeTopics(
  topics: readonly string[],
  context: {
    readonly link: ClusterLink;
    readonly address: ClusterAddress;
    readonly deps: LinkDeps;
  },
): Promise<ReadonlyMap<string, TopicDescription>> {
  const { link, address, deps } = context;
  const described = new Map<string, TopicDescription>();
  let open = topics;
  for (let round = 0; open.length > 0; round += 1) {
    const metadata = await link.refreshMetadata(open);
    const again: string[] = [];
    const missing: string[] = [];
    for (const topic of open) {
      const found = metadata.topics.get(topic);
      if (!found || isMissing(found)) {
        missing.push(topic);
      } else if (found.errorCode === 0) {
        described.set(topic, description(found));
      } else if (passesByItself(found.errorCode) && round < PAUSES_MS.length) {
        again.push(topic);
      } else {
        throw protocolFailure(found.errorCode, `topic ${topic}`, { topic });
      }
    }
    for (let i = 0; i < missing.length; i += OPINIONS_AT_ONCE) {
      const some = missing.slice(i, i + OPINIONS_AT_ONCE).map(async (topic) => {
        const partitions = await secondOpinion(topic, address, deps);
        if (partitions) described.set(topic, { partitions });
      });
      await Promise.all(some);
    }
    open = again;
    if (open.length > 0) await deps.clock.sleep(PAUSES_MS[round] ?? 0);
  }
  return described;
}

function isMissing({ errorCode }: TopicMetadata): boolean {
  return errorCode === UNKNOWN_TOPIC_OR_PARTITION || errorCode === INVALID_TOPIC;
}

function description({ topicId, partitions }: TopicMetadata): TopicDescription {
  const sorted = [...partitions.keys()].sort((a, b) => a - b);
  return topicId ? { topicId, partitions: sorted } : { partitions: sorted };
}

/**
 * A job whose topic is missing is cancelled for good, and one broker's metadata can be behind: where the
 * cluster is Amazon MSK's, its control plane is heard before a topic counts as missing.
 */
async function secondOpinion(
  topic: string,
  { clusterArn }: ClusterAddress,
  { msk }: LinkDeps,
): Promise<number[] | undefined> {
  return clusterArn ? msk.topicPartitions(clusterArn, topic) : undefined;
}

/**
 * Offsets from the partitions' leaders, following them while they move. A partition in which no record is
 * as late as the time asked for is left out.
 */
async function offsetsAt(
  question: OffsetsQuestion,
  { link, deps }: { readonly link: ClusterLink; readonly deps: LinkDeps },
): Promise<OffsetMap> {
  const offsets = new Map<number, bigint>();
  let open: readonly number[] = question.partitions;
  let leaders = link.leaders(question.topic, open);
  for (let round = 0; open.length > 0; round += 1) {
    const again = new Map<number, LoadFailure>();
    for (const partition of unled(open, leaders)) {
      again.set(partition, noLeader(question.topic, partition));
    }
    const asked = [...leaders].map(([node, partitions]) =>
      askLeader(link, node, { ...question, partitions }),
    );
    for (const { partition, offset, failure, passes } of (await Promise.all(asked)).flat()) {
      if (!failure) {
        if (offset !== undefined) offsets.set(partition, offset);
      } else if (passes) again.set(partition, failure);
      else throw failure;
    }
    open = [...again.keys()];
    const [failure] = again.values();
    if (!failure) break;
    const pause = PAUSES_MS[round - 1];
    if (round > 0 && pause === undefined) throw failure;
    // The first time the metadata may just not have been asked for: no pause.
    if (pause !== undefined) await deps.clock.sleep(pause);
    requireTopic(question, open, await link.refreshMetadata([question.topic]));
    leaders = link.leaders(question.topic, open);
  }
  return offsets;
}

interface LeaderAnswer {
  readonly partition: number;
  readonly offset?: bigint | undefined;
  readonly failure?: LoadFailure;
  readonly passes?: boolean;
}

/** A leader that does not answer may have been replaced: that passes, too. */
async function askLeader(
  link: ClusterLink,
  node: number,
  question: OffsetsQuestion,
): Promise<LeaderAnswer[]> {
  const { topic, partitions } = question;
  try {
    const answers = readOffsets(await link.send(node, listOffsetsRequest(question)));
    return answers.map(({ partition, errorCode, offset }) => {
      if (errorCode === 0) return { partition, offset };
      const failure = protocolFailure(errorCode, `offsets of ${topic}-${partition}`, {
        topic,
        partition,
      });
      return { partition, failure, passes: passesByItself(errorCode) };
    });
  } catch (error) {
    if (!(error instanceof LoadFailure) || error.code !== 'BROKER_UNREACHABLE') throw error;
    return partitions.map((partition) => ({ partition, failure: error, passes: true }));
  }
}

function unled(partitions: readonly number[], leaders: ReadonlyMap<number, number[]>): number[] {
  const led = new Set([...leaders.values()].flat());
  return partitions.filter((partition) => !led.has(partition));
}

function noLeader(topic: string, partition: number): LoadFailure {
  return new LoadFailure('KAFKA_ERROR', `partition ${topic}-${partition} has no leader now`, {
    facts: { topic, partition },
  });
}

function requireTopic(
  { topic }: OffsetsQuestion,
  partitions: readonly number[],
  { topics }: { readonly topics: ReadonlyMap<string, TopicMetadata> },
): void {
  const found = topics.get(topic);
  if (!found || isMissing(found)) {
    throw new LoadFailure('TOPIC_NOT_FOUND', `topic ${topic} does not exist`, { facts: { topic } });
  }
  if (found.errorCode !== 0) return;
  const unknown = partitions.filter((partition) => !found.partitions.has(partition));
  if (unknown.length > 0) {
    throw new LoadFailure(
      'PARTITION_NOT_FOUND',
      `topic ${topic} has ${found.partitions.size} partitions, not: ${unknown.join(', ')}`,
      { facts: { topic, partitions: unknown } },
    );
  }
}

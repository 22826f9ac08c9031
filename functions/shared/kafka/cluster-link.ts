import { LoadFailure } from '../domain/failure.ts';
import type { RawRequest } from './kafkajs-inside.ts';
import { addressText, type Exchange, type LinkPool, type MakeRequest } from './link-pool.ts';
import {
  type BrokerAddress,
  type ClusterMetadata,
  metadataRequest,
  readMetadata,
} from './metadata-request.ts';
import { newestLeaders } from './newest-leaders.ts';

/** Connections to the brokers of one cluster, opened as they are needed, and what it last said of itself. */
export interface ClusterLink {
  /**
   * Asks any broker, in one request, for the brokers and for these topics. A topic that does not exist is
   * in the answer with an error code. Nothing is created.
   */
  refreshMetadata(topics: readonly string[]): Promise<ClusterMetadata>;
  /**
   * The partitions by the node that leads them, as metadata said last. A partition that is unknown or has
   * no leader now is left out.
   */
  leaders(topic: string, partitions: readonly number[]): Map<number, number[]>;
  /** Counts the leaders of a partition, as metadata said last; -1 where that is not known. */
  leaderEpoch(topic: string, partition: number): number;
  /**
   * Sends to a node that metadata named, and gives the raw body of its answer. Any number may be under way
   * at once; Fetch goes over a connection of its own. A failure leaves the link usable.
   */
  send(node: number | 'any', request: RawRequest | MakeRequest): Promise<Buffer>;
  /** Gives an answer's memory to those that come: nothing of it may be looked at any more. */
  reuse(answer: Buffer): void;
  /** Ends all connections, and with them what is under way. Never throws. */
  close(): Promise<void>;
}

/** A cluster link that has spoken to nobody yet. All its methods raise only {@link LoadFailure}s. */
export function clusterLink(cluster: {
  readonly pool: LinkPool;
  readonly seeds: readonly BrokerAddress[];
  /** Raises BROKER_NOT_ALLOWED for a broker that the cluster advertises and that must not be spoken to. */
  readonly requireAllowed: (address: BrokerAddress) => void;
  readonly reuse: (answer: Buffer) => void;
}): ClusterLink {
  const { pool, seeds, requireAllowed, reuse } = cluster;
  let known: ClusterMetadata = { brokers: new Map(), topics: new Map() };
  let answeredLast: BrokerAddress | undefined;

  /** The broker that answered last, then those that metadata named, then the seeds; each once. */
  function candidates(): BrokerAddress[] {
    const all = [...(answeredLast ? [answeredLast] : []), ...known.brokers.values(), ...seeds];
    return [...new Map(all.map((address) => [addressText(address), address])).values()];
  }

  async function exchangeWithAny(make: MakeRequest): Promise<Exchange> {
    let last = new LoadFailure('BROKER_UNREACHABLE', 'a cluster must have at least one broker');
    for (const address of candidates()) {
      try {
        const exchange = await pool.exchange(address, make);
        answeredLast = address;
        return exchange;
      } catch (error) {
        if (!(error instanceof LoadFailure) || error.code !== 'BROKER_UNREACHABLE') throw error;
        last = error;
      }
    }
    throw last;
  }

  return {
    async refreshMetadata(topics) {
      const make: MakeRequest = (versions) => metadataRequest(topics, versions);
      const { request, answer } = await exchangeWithAny(make);
      const metadata = readMetadata(answer, request);
      for (const address of metadata.brokers.values()) requireAllowed(address);
      const topicsKnown = new Map(known.topics);
      for (const [topic, told] of metadata.topics) {
        topicsKnown.set(topic, newestLeaders(known.topics.get(topic), told));
      }
      known = { brokers: metadata.brokers, topics: topicsKnown };
      return metadata;
    },
    leaders: (topic, partitions) => leadersIn(known, topic, partitions),
    leaderEpoch: (topic, partition) =>
      known.topics.get(topic)?.partitions.get(partition)?.leaderEpoch ?? -1,
    async send(node, request) {
      const make = typeof request === 'function' ? request : () => request;
      if (node === 'any') return (await exchangeWithAny(make)).answer;
      const address = known.brokers.get(node);
      if (address) return (await pool.exchange(address, make)).answer;
      throw new LoadFailure('KAFKA_ERROR', `node ${node} is not among the cluster's brokers`);
    },
    reuse,
    close: () => pool.close(),
  };
}

function leadersIn(
  { brokers, topics }: ClusterMetadata,
  topic: string,
  partitions: readonly number[],
): Map<number, number[]> {
  const byNode = new Map<number, number[]>();
  const described = topics.get(topic)?.partitions;
  for (const partition of partitions) {
    const leader = described?.get(partition)?.leader ?? -1;
    if (!brokers.has(leader)) continue;
    const led = byNode.get(leader);
    if (led) led.push(partition);
    else byNode.set(leader, [partition]);
  }
  return byNode;
}

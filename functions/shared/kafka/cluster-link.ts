import { LoadFailure } from '../domain/failure.ts';
import type { BrokerLink, RawRequest, VersionRange } from './kafkajs-inside.ts';
import {
  type BrokerAddress,
  type ClusterMetadata,
  metadataRequest,
  readMetadata,
} from './metadata-request.ts';

/** Connections to the brokers of one cluster, opened as they are needed, and what they said last. */
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
  /** Versions that the cluster speaks, by API key. */
  versions(): ReadonlyMap<number, VersionRange>;
  /** Sends to a node that metadata named, and gives the raw body of its answer. */
  send(node: number | 'any', request: RawRequest): Promise<Buffer>;
  /** Ends all connections, and with them what is under way. Never throws. */
  close(): Promise<void>;
}

export interface ClusterLinkDeps {
  readonly seeds: readonly BrokerAddress[];
  /** Makes a link to one broker; see `brokerLinks`. */
  readonly linkTo: (address: BrokerAddress) => Promise<BrokerLink>;
  /** Bounds one connection attempt: connecting, versions and authentication. */
  readonly connecting: <T>(work: Promise<T>, address: BrokerAddress) => Promise<T>;
  /** Raises BROKER_NOT_ALLOWED for a broker that the cluster advertises and that must not be spoken to. */
  readonly requireAllowed: (address: BrokerAddress) => void;
  /** Turns any error into a LoadFailure. */
  readonly failureOf: (error: unknown, address: BrokerAddress) => LoadFailure;
  /** Destroys the sockets to one broker, or all. */
  readonly cut: (address?: BrokerAddress) => void;
}

type MakeRequest = (versions: ReadonlyMap<number, VersionRange>) => RawRequest;

interface Exchange {
  readonly request: RawRequest;
  readonly answer: Buffer;
}

/** A cluster link that has connected to nothing yet. All its methods raise only {@link LoadFailure}s. */
export function clusterLink(deps: ClusterLinkDeps): ClusterLink {
  const links = new Map<string, Promise<BrokerLink>>();
  let known: ClusterMetadata = { brokers: new Map(), topics: new Map() };
  let versions: ReadonlyMap<number, VersionRange> = new Map();
  let preferred: BrokerAddress | undefined;

  function linkOf(address: BrokerAddress): Promise<BrokerLink> {
    const key = `${address.host}:${address.port}`;
    const existing = links.get(key);
    if (existing !== undefined) return existing;
    const opened = open(address);
    links.set(key, opened);
    opened.catch(() => links.delete(key));
    return opened;
  }

  async function open(address: BrokerAddress): Promise<BrokerLink> {
    deps.requireAllowed(address);
    const link = await deps.linkTo(address);
    await deps.connecting(link.connect(), address);
    versions = link.versions();
    return link;
  }

  async function sendTo(address: BrokerAddress, make: MakeRequest): Promise<Exchange> {
    try {
      const link = await linkOf(address);
      if (!link.isConnected()) await deps.connecting(link.connect(), address);
      const request = make(link.versions());
      return { request, answer: await link.send(request) };
    } catch (error) {
      const failure = deps.failureOf(error, address);
      if (failure.code === 'BROKER_UNREACHABLE') forget(address);
      throw failure;
    }
  }

  /** A link whose broker stopped answering is not trusted again: the next request connects afresh. */
  function forget(address: BrokerAddress): void {
    links.delete(`${address.host}:${address.port}`);
    deps.cut(address);
  }

  /** The broker that answered last, then those that metadata named, then the seeds; each once. */
  function candidates(): BrokerAddress[] {
    const all = [...(preferred ? [preferred] : []), ...known.brokers.values(), ...deps.seeds];
    return [
      ...new Map(all.map((address) => [`${address.host}:${address.port}`, address])).values(),
    ];
  }

  async function sendToAny(make: MakeRequest): Promise<Exchange> {
    let last: LoadFailure | undefined;
    for (const address of candidates()) {
      try {
        const exchange = await sendTo(address, make);
        preferred = address;
        return exchange;
      } catch (error) {
        last = deps.failureOf(error, address);
        if (last.code !== 'BROKER_UNREACHABLE') throw last;
      }
    }
    throw (
      last ?? new LoadFailure('BROKER_UNREACHABLE', 'the cluster must have at least one broker')
    );
  }

  return {
    async refreshMetadata(topics) {
      const { request, answer } = await sendToAny((spoken) => metadataRequest(topics, spoken));
      const metadata = readMetadata(answer, request);
      for (const address of metadata.brokers.values()) deps.requireAllowed(address);
      known = {
        brokers: metadata.brokers,
        topics: new Map([...known.topics, ...metadata.topics]),
      };
      return metadata;
    },
    leaders(topic, partitions) {
      const byNode = new Map<number, number[]>();
      const described = known.topics.get(topic)?.partitions;
      for (const partition of partitions) {
        const leader = described?.get(partition)?.leader ?? -1;
        if (leader < 0 || !known.brokers.has(leader)) continue;
        const led = byNode.get(leader);
        if (led) led.push(partition);
        else byNode.set(leader, [partition]);
      }
      return byNode;
    },
    versions: () => versions,
    async send(node, request) {
      if (node === 'any') return (await sendToAny(() => request)).answer;
      const address = known.brokers.get(node);
      if (!address) {
        throw new LoadFailure('KAFKA_ERROR', `node ${node} is not among the cluster's brokers`);
      }
      return (await sendTo(address, () => request)).answer;
    },
    async close() {
      deps.cut();
      const opened = await Promise.allSettled(links.values());
      links.clear();
      await Promise.allSettled(
        opened.map((link) => (link.status === 'fulfilled' ? link.value.disconnect() : undefined)),
      );
    },
  };
}

import { LoadFailure } from '../domain/failure.ts';
import type { BrokerLink, RawRequest, VersionRange } from './kafkajs-inside.ts';
import type { BrokerAddress } from './metadata-request.ts';

/** What it takes to speak with the brokers of a cluster. */
export interface LinkPoolDeps {
  /** Makes a link to one broker; see `brokerLinks`. */
  readonly linkTo: (address: BrokerAddress) => Promise<BrokerLink>;
  /** Bounds one connection attempt: connecting, versions and authentication. */
  readonly connecting: (work: Promise<void>, address: BrokerAddress) => Promise<void>;
  /** Raises BROKER_NOT_ALLOWED for a broker that must not be spoken to. */
  readonly requireAllowed: (address: BrokerAddress) => void;
  /** Turns any error into a LoadFailure. */
  readonly failureOf: (error: unknown, address: BrokerAddress) => LoadFailure;
  /** Destroys the sockets to one broker. */
  readonly cut: (address: BrokerAddress) => void;
  /** Destroys all sockets and lets no more be made. */
  readonly cutAll: () => void;
}

/** Makes a request that fits the versions which a broker speaks. */
export type MakeRequest = (versions: ReadonlyMap<number, VersionRange>) => RawRequest;

/** A request and the raw body of its answer. */
export interface Exchange {
  readonly request: RawRequest;
  readonly answer: Buffer;
}

/** One link to each broker of a cluster, made when it is first needed. */
export interface LinkPool {
  /** @throws {LoadFailure} */
  exchange(address: BrokerAddress, make: MakeRequest): Promise<Exchange>;
  /** Cuts all connections. Never throws. */
  close(): Promise<void>;
}

/** The address as text, and the identity of a broker. */
export function addressText({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An empty pool. */
export function linkPool(deps: LinkPoolDeps): LinkPool {
  const links = new Map<string, Promise<BrokerLink>>();
  let closed = false;

  function linkOf(address: BrokerAddress): Promise<BrokerLink> {
    const key = addressText(address);
    const existing = links.get(key);
    if (existing !== undefined) return existing;
    const opened = (async () => {
      deps.requireAllowed(address);
      return deps.linkTo(address);
    })();
    links.set(key, opened);
    opened.catch(() => links.delete(key));
    return opened;
  }

  return {
    async exchange(address, make) {
      if (closed) throw new LoadFailure('BROKER_UNREACHABLE', 'the link to the cluster was closed');
      try {
        const link = await linkOf(address);
        if (!link.isConnected()) await deps.connecting(link.connect(), address);
        const request = make(link.versions());
        return { request, answer: await link.send(request) };
      } catch (error) {
        const failure = deps.failureOf(error, address);
        // A broker that stopped answering may have left half-open connections behind: begin afresh.
        if (failure.code === 'BROKER_UNREACHABLE') {
          links.delete(addressText(address));
          deps.cut(address);
        }
        throw failure;
      }
    },
    async close() {
      closed = true;
      deps.cutAll();
      const opened = await Promise.allSettled(links.values());
      links.clear();
      await Promise.allSettled(
        opened.map((link) => (link.status === 'fulfilled' ? link.value.disconnect() : undefined)),
      );
    },
  };
}

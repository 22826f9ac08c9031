import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type AllowedHosts, allowedHosts } from '../allowed-hosts.ts';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { Installation } from '../installation.ts';

/** A server to speak HTTP with. IPv6 addresses stand without brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** What all requests to destinations share. Times in ms. */
export interface Outbound {
  /** ALLOWED_DESTINATIONS. */
  readonly allowed: AllowedHosts;
  readonly clock: Clock;
  /** For a connection to stand. */
  readonly connectTimeoutMs: number;
  /** Without a byte from the server. */
  readonly requestTimeoutMs: number;
}

/** What the installation's configuration says of it. */
export function outboundOf(
  config: Pick<
    Installation,
    'ALLOWED_DESTINATIONS' | 'SINK_CONNECT_TIMEOUT_MS' | 'SINK_REQUEST_TIMEOUT_MS'
  >,
  clock: Clock,
): Outbound {
  return {
    allowed: allowedHosts(config.ALLOWED_DESTINATIONS, 'destinations'),
    clock,
    connectTimeoutMs: config.SINK_CONNECT_TIMEOUT_MS,
    requestTimeoutMs: config.SINK_REQUEST_TIMEOUT_MS,
  };
}

/** `host:port`, as people write it. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Nothing is sent to a host that is not allowed, not even a look-up of its name.
 *
 * @throws {LoadFailure} SINK_REJECTED
 */
export function requireAllowed({ allowed }: Outbound, endpoint: Endpoint): void {
  const fault = allowed.fault(endpoint.host);
  if (fault === undefined) return;
  throw new LoadFailure('SINK_REJECTED', `destination ${endpointText(endpoint)} ${fault}`, {
    facts: { host: endpoint.host },
  });
}

/**
 * Resolves names and refuses addresses that no wildcard admits, so that the address that was judged is the
 * one that is connected to.
 */
export function guardedLookup(
  { allowed }: Outbound,
  resolve: typeof systemLookup = systemLookup,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const first = addresses?.[0];
      if (error || !first) return callback(error ?? new Error(`${host} has no address`), '', 0);
      for (const { address } of addresses) {
        const fault = allowed.faultOfResolved(host, address);
        if (fault === undefined) continue;
        return callback(new LoadFailure('SINK_REJECTED', `destination ${host} ${fault}`), '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

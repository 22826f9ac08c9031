import { allowedHosts, normalizeHost } from '../allowed-hosts.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { BrokerAddress } from './metadata-request.ts';

/** Which brokers may be connected to: those that jobs name, and those that brokers advertise. */
export interface AllowedBrokers {
  /** @throws {LoadFailure} BROKER_NOT_ALLOWED */
  require(address: BrokerAddress): void;
  /**
   * Judges an address that the name `host` resolved to.
   *
   * @throws {LoadFailure} BROKER_NOT_ALLOWED
   */
  requireResolved(host: string, ip: string): void;
}

/** Compiles the patterns of ALLOWED_BROKERS, see {@link allowedHosts}. */
export function allowedBrokers(patterns: readonly string[]): AllowedBrokers {
  const allowed = allowedHosts(patterns, 'brokers');

  function refuse(given: string, why: string | undefined): void {
    if (why === undefined) return;
    const host = normalizeHost(given);
    throw new LoadFailure(
      'BROKER_NOT_ALLOWED',
      `broker ${host} ${why}, allowed: ${patterns.join(', ')}`,
      { facts: { host } },
    );
  }

  return {
    require: ({ host }) => refuse(host, allowed.fault(host)),
    requireResolved: (host, ip) => refuse(host, allowed.faultOfResolved(host, ip)),
  };
}

/**
 * Reads `host:port`, `[v6]:port`; brackets are not part of the host.
 *
 * @throws {LoadFailure} BROKER_UNREACHABLE when there is no port in it
 */
export function parseBroker(broker: string): BrokerAddress {
  const colon = broker.lastIndexOf(':');
  const port = Number(broker.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new LoadFailure('BROKER_UNREACHABLE', `a broker must be host:port, got ${broker}`);
  }
  return { host: broker.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

import { BlockList, isIP } from 'node:net';
import { LoadFailure } from '../domain/failure.ts';
import type { BrokerAddress } from './metadata-request.ts';

/**
 * Which hosts may be connected to. Jobs name brokers and brokers advertise further ones, so both are
 * addresses that somebody else chose: without this list they would reach whatever the function reaches.
 *
 * - a pattern is `*`, `*.example.com` (any host below it, not itself) or one exact host;
 * - link-local, unspecified and multicast addresses, among them the metadata services of clouds, are
 *   refused whatever a wildcard says, also when a name resolves to one; only an exact pattern admits them.
 */
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

const neverByWildcard = new BlockList();
neverByWildcard.addSubnet('0.0.0.0', 8, 'ipv4');
neverByWildcard.addSubnet('169.254.0.0', 16, 'ipv4');
neverByWildcard.addSubnet('224.0.0.0', 4, 'ipv4');
neverByWildcard.addAddress('::', 'ipv6');
neverByWildcard.addSubnet('fe80::', 10, 'ipv6');
neverByWildcard.addSubnet('ff00::', 8, 'ipv6');
// The instance metadata service of EC2 over IPv6.
neverByWildcard.addAddress('fd00:ec2::254', 'ipv6');

/** Compiles the patterns of ALLOWED_BROKERS. */
export function allowedBrokers(patterns: readonly string[]): AllowedBrokers {
  const normalized = patterns.map(normalize);
  const exact = new Set(normalized.filter((pattern) => !pattern.startsWith('*')));
  const everything = normalized.includes('*');
  const suffixes = normalized.filter((p) => p.startsWith('*.')).map((p) => p.slice(1));

  function refuse(host: string, why: string): never {
    throw new LoadFailure(
      'BROKER_NOT_ALLOWED',
      `broker ${host} ${why}, allowed: ${patterns.join(', ')}`,
      { facts: { host } },
    );
  }

  return {
    require({ host: given }) {
      const host = normalize(given);
      if (exact.has(host)) return;
      if (!everything && !suffixes.some((suffix) => host.endsWith(suffix))) {
        refuse(host, 'is not on the list of allowed brokers');
      }
      if (isForbidden(host)) refuse(host, 'is an address that no wildcard admits');
    },
    requireResolved(given, ip) {
      const host = normalize(given);
      if (exact.has(host) || !isForbidden(ip)) return;
      refuse(host, `resolves to ${ip}, an address that no wildcard admits`);
    },
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

/** Names are case-insensitive and may end in the root's dot. */
function normalize(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function isForbidden(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return false;
  return neverByWildcard.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

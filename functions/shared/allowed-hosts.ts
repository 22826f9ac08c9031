import { BlockList, isIP } from 'node:net';

/**
 * Which hosts may be connected to. Jobs name servers, and servers name further ones, so both are addresses
 * that somebody else chose: without this list they would reach whatever the function reaches.
 *
 * - a pattern is `*`, `*.example.com` (any host below it, not itself) or one exact host;
 * - link-local, unspecified and multicast addresses, among them the metadata services of clouds, are
 *   refused whatever a wildcard says, also when a name resolves to one; only an exact pattern admits them.
 */
export interface AllowedHosts {
  /** Why a host must not be connected to, in words that follow its name; undefined when it may be. */
  fault(host: string): string | undefined;
  /** The same of an address that the name `host` resolved to. */
  faultOfResolved(host: string, ip: string): string | undefined;
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

/**
 * Compiles patterns as ALLOWED_BROKERS and ALLOWED_DESTINATIONS hold them.
 *
 * @param kind what the hosts are, for messages: `brokers`
 */
export function allowedHosts(patterns: readonly string[], kind: string): AllowedHosts {
  const normalized = patterns.map(normalizeHost);
  const exact = new Set(normalized.filter((pattern) => !pattern.startsWith('*')));
  const everything = normalized.includes('*');
  const suffixes = normalized.filter((p) => p.startsWith('*.')).map((p) => p.slice(1));
  return {
    fault(given) {
      const host = normalizeHost(given);
      if (exact.has(host)) return undefined;
      if (!everything && !suffixes.some((suffix) => host.endsWith(suffix))) {
        return `is not on the list of allowed ${kind}`;
      }
      return isForbidden(host) ? 'is an address that no wildcard admits' : undefined;
    },
    faultOfResolved(given, ip) {
      if (exact.has(normalizeHost(given)) || !isForbidden(ip)) return undefined;
      return `resolves to ${ip}, an address that no wildcard admits`;
    },
  };
}

/** A host for comparing: names are case-insensitive and may end in the root's dot. */
export function normalizeHost(host: string): string {
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

import { API_PORT } from '../infra/local/api-port.ts';
import { UsageError } from './exit-code.ts';

/** Where the API is, and by which region's credentials requests to it are signed. */
export interface Installation {
  /** Without a slash at the end. */
  readonly url: string;
  /** Absent: requests are not signed. */
  readonly region?: string;
}

const API_GATEWAY = /^[^.]+\.execute-api\.(?<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * The installation that is meant: `--url`, else ROUTINE_LOAD_URL, else the one of this machine. Addresses of API
 * Gateway are signed; others when `--sign` names a region, for a domain name of one's own in front of it.
 *
 * @throws {UsageError} when one of them is none
 */
export function findInstallation(
  given: { readonly url?: string | undefined; readonly sign?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Installation {
  const named = given.url ?? (env.ROUTINE_LOAD_URL || undefined);
  const url = parseUrl(named ?? `http://127.0.0.1:${env.API_PORT || API_PORT}`);
  const ofGateway =
    url.protocol === 'https:' ? API_GATEWAY.exec(url.hostname)?.groups?.region : undefined;
  if (given.sign !== undefined && !REGION.test(given.sign)) {
    throw new UsageError(`--sign must be a region like eu-west-1, got ${given.sign}`);
  }
  const region = given.sign ?? ofGateway;
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { url: base, ...(region !== undefined && { region }) };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url && ['http:', 'https:'].includes(url.protocol) && isBare(url)) return url;
  // The text may hold a password.
  throw new UsageError(
    'the address of an installation must be http:// or https://, a host and a path, without a login, a query or a fragment',
  );
}

function isBare({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].every((part) => part === '');
}

import { LoadFailure } from '#shared/domain/failure.ts';
import { type Endpoint, endpointText } from '#shared/warehouse/outbound.ts';

/** Whether a destination is spoken to over TLS: with all its servers, with none, or with its frontends only. */
export type TlsUse = boolean | 'frontends';

/** Where a frontend sends us. */
export interface RedirectTarget {
  readonly endpoint: Endpoint;
  readonly path: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Reads a frontend's `Location`. Name and password, which frontends put into it, are dropped and never shown:
 * we send our own to hosts that are allowed.
 *
 * @throws {LoadFailure} SINK_REJECTED for what leads outside of the API, or out of TLS
 */
export function redirectTarget(
  location: string | undefined,
  from: Endpoint,
  tls: TlsUse,
): RedirectTarget {
  const url = location === undefined ? null : URL.parse(location);
  const port = url ? Number(url.port) || DEFAULT_PORTS[url.protocol] : undefined;
  if (!url || port === undefined || !url.pathname.startsWith('/api/')) {
    throw refused(from, 'must redirect to a URL of the API, its Location is another');
  }
  const endpoint: Endpoint = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    tls: url.protocol === 'https:',
  };
  if (tls === true && !endpoint.tls) {
    throw refused(
      from,
      `redirects to ${endpointText(endpoint)} without TLS; tls must be "frontends" or false for that`,
    );
  }
  return { endpoint, path: `${url.pathname}${url.search}` };
}

function refused(from: Endpoint, why: string): LoadFailure {
  return new LoadFailure('SINK_REJECTED', `frontend ${endpointText(from)} ${why}`);
}

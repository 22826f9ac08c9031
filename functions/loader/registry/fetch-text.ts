import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AllowedHosts } from '#shared/allowed-hosts.ts';
import { LoadFailure } from '#shared/domain/failure.ts';

/** What requests to registries share. */
export interface RegistryAccess {
  /** ALLOWED_REGISTRIES. */
  readonly allowed: AllowedHosts;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

/** A whole answer. */
export interface RegistryAnswer {
  readonly status: number;
  readonly body: string;
}

/** Far above any schema: Confluent's own limit for one is 1 MiB. */
const MOST_BYTES = 8 * 1_048_576;

/**
 * Asks a registry. Redirects are not followed: credentials go to the host that the job names, and nowhere else.
 *
 * @throws {LoadFailure} REGISTRY_UNREACHABLE, or REGISTRY_NOT_ALLOWED before a byte is sent
 */
export async function fetchText(
  { allowed, timeoutMs }: RegistryAccess,
  url: URL,
  {
    headers,
    ca,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    /** Certificates (PEM) to trust in TLS instead of the well-known ones. */
    readonly ca?: string | undefined;
  },
): Promise<RegistryAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const fault = allowed.fault(host);
  if (fault !== undefined) throw notAllowed(host, fault);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Without an agent: a function that was frozen would wake up with dead connections.
      request(url, { headers, agent: false, signal, lookup: guarded(allowed), ...(ca && { ca }) })
        .once('response', resolve)
        .once('error', reject)
        .end();
    });
    return { status: response.statusCode ?? 0, body: await readBody(response) };
  } catch (error) {
    if (error instanceof LoadFailure) throw error;
    throw unreachable(url, signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error), {
      cause: error,
    });
  }
}

/** The failure of a registry that may well answer later. */
export function unreachable(
  url: URL,
  why: string,
  options: { readonly cause?: unknown } = {},
): LoadFailure {
  const text = `schema registry ${url.host} cannot be used: ${why}`;
  return new LoadFailure('REGISTRY_UNREACHABLE', text, { ...options, facts: { host: url.host } });
}

function notAllowed(host: string, fault: string): LoadFailure {
  return new LoadFailure('REGISTRY_NOT_ALLOWED', `schema registry ${host} ${fault}`, {
    facts: { host },
  });
}

/** Judges the addresses that are connected to, not those that another look-up gave. */
function guarded(allowed: AllowedHosts): LookupFunction {
  return (host, options, callback) => {
    systemLookup(host, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0];
      if (error || !first) return callback(error ?? new Error(`${host} has no address`), '', 0);
      for (const { address } of addresses) {
        const fault = allowed.faultOfResolved(host, address);
        if (fault !== undefined) return callback(notAllowed(host, fault), '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

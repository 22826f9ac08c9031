import type * as z from 'zod';
import { Unreachable } from './exit-code.ts';
import type { Installation } from './installation.ts';
import { Refused } from './problem-text.ts';
import type { Sign, UnsignedRequest } from './sign-request.ts';

/** A request to the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Starts with a slash; what comes from outside is encoded in it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is a success: as it came, and what we read of it. */
export interface ApiAnswer<T> {
  readonly text: string;
  readonly value: T;
  readonly headers: Headers;
}

/**
 * Asks the API, once.
 *
 * @throws {Refused} for an answer that is no success
 * @throws {Unreachable} without an answer, or with one that cannot be read
 */
export type AskApi = <S extends z.ZodType>(
  request: ApiRequest,
  schema: S,
) => Promise<ApiAnswer<z.output<S>>>;

/** API Gateway waits 30 s for an answer; a local one may take longer on a busy machine. */
const PATIENCE_MS = 60_000;

/** Asks the API of an installation; `signal` ends a request that runs. */
export function apiClient(
  { url }: Installation,
  { sign, signal }: { readonly sign: Sign | undefined; readonly signal: AbortSignal },
): AskApi {
  return async (request, schema) => {
    const response = await send(url, request, { sign, signal });
    const { text } = response;
    if (response.status >= 300) throw new Refused(response.status, text);
    const value = schema.safeParse(jsonIn(text));
    if (value.success) return { text, value: value.data, headers: response.headers };
    throw new Unreachable(`what answers at ${url} is not a Routine Load that this command knows`, {
      cause: value.error,
    });
  };
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function send(
  base: string,
  request: ApiRequest,
  { sign, signal }: { readonly sign: Sign | undefined; readonly signal: AbortSignal },
): Promise<Received> {
  const url = new URL(base + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = {
    accept: 'application/json, application/problem+json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...request.headers,
  };
  const { method } = request;
  const signed = sign ? await signedHeaders(sign, { method, url, headers, body }) : headers;
  try {
    const response = await fetch(url, {
      method,
      headers: signed,
      // A redirect would take the request, and what signs it, to an address that nobody named.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      ...(body !== undefined && { body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Unreachable(`nothing answers at ${base}: ${whyNot(cause)}`, { cause });
  }
}

async function signedHeaders(sign: Sign, request: UnsignedRequest) {
  try {
    return await sign(request);
  } catch (cause) {
    throw new Unreachable(`the request cannot be signed: ${whyNot(cause)}`, { cause });
  }
}

/** fetch says "fetch failed" and keeps the reason as the cause. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause.message : '';
  return inner === '' ? error.message : inner;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

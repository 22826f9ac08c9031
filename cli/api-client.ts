import type * as z from 'zod';
import { parseExactJson } from '#shared/exact-json.ts';
import { StrangeAnswer, Unreachable } from './exit-code.ts';
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
  /** Ends the request. @default Ctrl-C */
  readonly signal?: AbortSignal;
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
 * @throws {Unreachable} without an answer
 * @throws {StrangeAnswer} for a success that we do not understand
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
    const response = await send(url, { signal, ...request }, sign);
    const { text } = response;
    if (response.status >= 300) throw new Refused(response.status, text);
    const value = schema.safeParse(jsonIn(text));
    if (value.success) return { text, value: value.data, headers: response.headers };
    const [issue] = value.error.issues;
    throw new StrangeAnswer(
      `what answers at ${url} is no Routine Load that this command knows: ${issue?.path.join('.')} ${issue?.message}`,
      { cause: value.error },
    );
  };
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function send(
  base: string,
  request: ApiRequest & { readonly signal: AbortSignal },
  sign: Sign | undefined,
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
  const { method, signal } = request;
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
    const mayHaveArrived = !NEVER_ARRIVED.has(codeOf(cause));
    const hint = isLoopback(url) && !mayHaveArrived ? '; is npm start running?' : '';
    throw new Unreachable(`nothing answers at ${base}: ${whyNot(cause)}${hint}`, {
      cause,
      mayHaveArrived,
    });
  }
}

async function signedHeaders(sign: Sign, request: UnsignedRequest) {
  try {
    return await sign(request);
  } catch (cause) {
    throw new Unreachable(`the request cannot be signed: ${whyNot(cause)}`, {
      cause,
      mayHaveArrived: false,
    });
  }
}

/** There was no connection on which anything could have been sent. */
const NEVER_ARRIVED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  return cause?.code ?? '';
}

function isLoopback({ hostname }: URL): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

/** fetch says "fetch failed" and keeps the reason as the cause. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause.message : '';
  return inner === '' ? error.message : inner;
}

function jsonIn(text: string): unknown {
  try {
    // Rows of a preview keep all digits of their numbers.
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { LoadFailure } from '../domain/failure.ts';
import {
  type Endpoint,
  endpointText,
  guardedLookup,
  type Outbound,
  requireAllowed,
} from './outbound.ts';

/** One request; header values are text and go out as UTF-8. */
export interface HttpRequest {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of {@link exchange} only. */
  readonly body?: string | undefined;
  /** @default a mebibyte */
  readonly mostAnswerBytes?: number | undefined;
  /** Certificates (PEM) to trust in TLS instead of the well-known ones. */
  readonly ca?: string | undefined;
}

/** A whole answer; its body is cut where it is longer than any that is meant for us. */
export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** A request whose body is still being written. */
export interface Upload {
  /** The server's answer when it came before any of the body was asked for. */
  readonly early: HttpAnswer | undefined;
  /**
   * Resolves when the chunk is on its way, and its memory is the caller's again.
   *
   * @returns false when the server has answered already and wants no more
   */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Ends the body and waits for the answer. */
  finish(): Promise<HttpAnswer>;
  /** Breaks the connection. */
  destroy(): void;
}

const MOST_BODY_BYTES = 1_048_576;

/** As long as curl waits for "100 Continue" before it sends the body all the same: proxies swallow it. */
const CONTINUE_MS = 1_000;

/**
 * Sends a request whole. A connection serves one request: frontends close theirs behind each answer,
 * and a function that was frozen would wake up with dead ones.
 *
 * @throws {LoadFailure} SINK_UNREACHABLE, SINK_REJECTED when the host is not allowed
 */
export async function exchange(outbound: Outbound, request: HttpRequest): Promise<HttpAnswer> {
  const body = Buffer.from(request.body ?? '');
  const sent = send(outbound, {
    ...request,
    headers: { ...request.headers, 'content-length': String(body.length) },
  });
  const answer = answerTo(sent, request);
  sent.end(body);
  return answer;
}

/**
 * Begins a request with a body of unknown length. Resolves when the server asks for the body, or has answered
 * without it, or said nothing for a second.
 *
 * @throws {LoadFailure} as {@link exchange}; so do the upload's methods
 */
export async function openUpload(outbound: Outbound, request: HttpRequest): Promise<Upload> {
  const sent = send(outbound, {
    ...request,
    headers: { ...request.headers, expect: '100-continue', 'transfer-encoding': 'chunked' },
  });
  let answered = false;
  let early: HttpAnswer | undefined;
  const answer = answerTo(sent, request).finally(() => {
    answered = true;
  });
  // Awaited later, or never: until then a rejection must not count as unhandled.
  answer.catch(() => {});
  const asked = new Promise<void>((resolve) => sent.once('continue', resolve));
  const connected = new Promise<void>((resolve) => {
    sent.once('socket', (socket) =>
      socket.once(request.endpoint.tls ? 'secureConnect' : 'connect', resolve),
    );
  });
  sent.flushHeaders();
  const patience = new AbortController();
  try {
    await Promise.race([connected, answer]);
    const waited = outbound.clock.sleep(CONTINUE_MS, patience.signal).catch(() => {});
    early = (await Promise.race([asked, answer, waited])) ?? undefined;
  } finally {
    patience.abort();
  }
  // The server is waited for below only: that no rows come for a while is not its fault.
  sent.setTimeout(0);
  return {
    early,
    async write(chunk) {
      if (answered) return false;
      sent.setTimeout(outbound.requestTimeoutMs);
      // What breaks the connection is told by the answer that does not come.
      const gone = new Promise<void>((resolve) => {
        sent.write(chunk, (error) => error ?? resolve());
      });
      await Promise.race([gone, answer]);
      sent.setTimeout(0);
      return !answered;
    },
    async finish() {
      sent.setTimeout(outbound.requestTimeoutMs);
      sent.end();
      return answer;
    },
    destroy: () => void sent.destroy(),
  };
}

function send(
  outbound: Outbound,
  { endpoint, method, path, headers, ca }: HttpRequest,
): ClientRequest {
  requireAllowed(outbound, endpoint);
  const { host, port, tls } = endpoint;
  const options = {
    host,
    port,
    method,
    path,
    agent: false as const,
    lookup: guardedLookup(outbound),
    timeout: outbound.connectTimeoutMs,
  };
  const sent = tls
    ? httpsRequest({ ...options, ...(isIP(host) ? {} : { servername: host }), ...(ca && { ca }) })
    : httpRequest(options);
  for (const [name, text] of Object.entries(headers)) sent.setHeader(name, wireText(text));
  sent.once('socket', (socket) => {
    // Headers that an Expect is among are written with the socket's own encoding, which would be UTF-8.
    socket.setDefaultEncoding('latin1');
    socket.once(tls ? 'secureConnect' : 'connect', () =>
      socket.setTimeout(outbound.requestTimeoutMs),
    );
  });
  sent.once('timeout', () => sent.destroy(new Error('it did not answer in time')));
  return sent;
}

/** Header values are written as Latin-1: this way UTF-8 comes out. */
function wireText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function answerTo(
  sent: ClientRequest,
  { endpoint, mostAnswerBytes = MOST_BODY_BYTES }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      if (cause instanceof LoadFailure) return reject(cause);
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `destination ${endpointText(endpoint)} cannot be reached: ${why}`;
      return reject(new LoadFailure('SINK_UNREACHABLE', message, { cause }));
    };
    sent.once('response', (response) => {
      // What breaks once the answer has begun is told by the answer.
      sent.on('error', () => {});
      readBody(response, mostAnswerBytes).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            body,
          }),
        fail,
      );
    });
    sent.once('error', fail);
    sent.once('close', () => fail(new Error('the connection was closed without an answer')));
  });
}

async function readBody(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, most);
}

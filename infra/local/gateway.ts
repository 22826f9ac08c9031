import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import type { Clock } from '#shared/clock.ts';
import { FunctionThrottled } from './function-pool.ts';
import { type HttpAnswer, toHttpAnswer } from './gateway-answer.ts';
import { type HttpRequest, toGatewayEvent } from './gateway-event.ts';
import { servePage, wantsPage } from './page/serve-page.ts';

/** What stands behind the gateway. */
export interface GatewaySettings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Runs the API's handler. */
  readonly target: (event: APIGatewayProxyEventV2WithIAMAuthorizer) => Promise<unknown>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** A listening gateway. */
export interface Gateway {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Lets the requests that run finish. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1_048_576;

/**
 * Stands for API Gateway's HTTP API on the loopback interface: one HTTP request becomes one payload 2.0
 * event, the handler's result the answer; a handler that fails is a 500 without details, as there. A browser that
 * asks for `/` gets a page for people instead, which AWS has no counterpart of.
 *
 * There is no IAM here, so whatever could make a browser speak for its user is refused: requests that a
 * page of another origin sends, and names for this machine that are not its own.
 *
 * @throws {Error} EADDRINUSE when the port is taken
 */
export async function startGateway(settings: GatewaySettings): Promise<Gateway> {
  const server = createServer((request, response) => {
    void serve(settings, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function serve(
  settings: GatewaySettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    send(response, await answer(settings, request));
  } catch (error) {
    settings.onError(error);
    const busy = error instanceof FunctionThrottled;
    send(
      response,
      refusal(busy ? 503 : 500, busy ? 'Service Unavailable' : 'Internal Server Error'),
    );
  }
}

async function answer(settings: GatewaySettings, request: IncomingMessage): Promise<HttpAnswer> {
  if (request.headers.origin !== undefined || !isLoopback(request.headers.host)) {
    return refusal(403, 'Forbidden');
  }
  const body = await bodyOf(request);
  if (body === 'too large') return refusal(413, 'Request Entity Too Large');
  const { method = 'GET', url = '/' } = request;
  if (!wantsPage(method, url, request.headers.accept)) {
    return invoke(settings, request, {
      method,
      target: url,
      headers: request.headersDistinct,
      body,
    });
  }
  const headers = { host: [request.headers.host ?? ''] };
  const get = (target: string) =>
    invoke(settings, request, { method: 'GET', target, headers, body: Buffer.alloc(0) });
  return servePage(url, get, settings.clock.now());
}

async function invoke(
  settings: GatewaySettings,
  { socket }: IncomingMessage,
  asked: Pick<HttpRequest, 'method' | 'target' | 'headers' | 'body'>,
): Promise<HttpAnswer> {
  const event = toGatewayEvent({
    ...asked,
    sourceIp: socket.remoteAddress ?? '127.0.0.1',
    requestId: randomUUID(),
    now: settings.clock.now(),
  });
  return toHttpAnswer(await settings.target(event));
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

/** Reads on past the limit without keeping anything, so that the client gets to see the answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? 'too large' : Buffer.concat(chunks);
}

function refusal(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

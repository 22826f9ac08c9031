import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** HTTP servers of a cluster, each on a port of its own of 127.0.0.1. */

/** One request as a server saw it. */
export interface SeenRequest {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ClusterServer {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Breaks every connection, and answers again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts one. `Expect: 100-continue` is the handler's to answer, as in the real ones. */
export async function startServer(
  name: string,
  serve: Serve,
  seen: SeenRequest[],
): Promise<ClusterServer> {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    seen.push({
      server: name,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
    });
    serve(request, response).catch(() => request.destroy());
  };
  const server = createServer(handle);
  server.on('checkContinue', handle);
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  return {
    name,
    port,
    address: `127.0.0.1:${port}`,
    async restart() {
      await close(server);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    },
    stop: () => {
      stopping ??= close(server);
      return stopping;
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Answers with JSON, status 200 unless told otherwise, and closes the connection as frontends do. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(body, null, 4)}\n`);
}

/** A 307 with the login in its URL and the `?` that is always there. */
export function redirect(request: IncomingMessage, response: ServerResponse, to: string): void {
  const [path, query = ''] = (request.url ?? '').split('?');
  const login = loginOf(request);
  const user = login ? `${login.user}:${login.password}@` : '';
  response.writeHead(307, {
    'content-type': 'text/html;charset=utf-8',
    location: `http://${user}${to}${path}?${query}`,
    connection: 'close',
  });
  response.end();
}

export function loginOf(
  request: IncomingMessage,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
  return { user, password: rest.join(':') };
}

/** @param onBytes told of every piece of the body; the next is read when it is done */
export async function bodyOf(
  request: IncomingMessage,
  onBytes?: (count: number) => Promise<void>,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
    await onBytes?.(chunk.length);
  }
  return Buffer.concat(chunks).toString();
}

/** A header's text as UTF-8: Node reads headers as Latin-1. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString() : undefined;
}

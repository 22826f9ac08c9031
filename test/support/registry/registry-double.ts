import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A reference as the registry's API writes it. */
export interface DoubleReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as it is registered. */
export interface DoubleSchema {
  readonly schema: string;
  readonly schemaType?: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly references?: readonly DoubleReference[];
  readonly subject?: string;
  readonly version?: number;
  readonly guid?: string;
}

/**
 * A schema registry on loopback, as far as consumers ask one: `GET /schemas/ids/{id}`, `/schemas/guids/{guid}`,
 * `/subjects/{subject}/versions/{version}`, errors as `{error_code, message}`, basic authentication.
 */
export interface RegistryDouble {
  readonly url: string;
  /** Paths that were asked for, in their order. */
  readonly asked: readonly string[];
  register(id: number, schema: DoubleSchema): void;
  /** How it answers from now on, in place of what it knows; undefined: as usual. */
  answerWith(
    fault: ((request: IncomingMessage, response: ServerResponse) => void) | undefined,
  ): void;
  stop(): Promise<void>;
}

export async function startRegistryDouble(
  options: {
    readonly login?: { readonly username: string; readonly password: string };
    /** PEM; without it, it speaks plain HTTP. */
    readonly tls?: { readonly cert: string; readonly key: string };
  } = {},
): Promise<RegistryDouble> {
  const schemas = new Map<number, DoubleSchema>();
  const asked: string[] = [];
  let fault: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  const wanted = options.login && `${options.login.username}:${options.login.password}`;
  const isWelcome = ({ headers }: IncomingMessage) => {
    if (wanted === undefined) return true;
    const given = headers.authorization?.replace('Basic ', '') ?? '';
    return Buffer.from(given, 'base64').toString() === wanted;
  };

  function find(path: string): [number, DoubleSchema] | undefined {
    const [kind, name = '', , version] = path.split('/').slice(1).map(decodeURIComponent);
    const entries = [...schemas];
    if (kind === 'subjects') {
      return entries.find(([, s]) => s.subject === name && s.version === Number(version));
    }
    const key = path.split('/')[3] ?? '';
    if (name === 'guids') return entries.find(([, { guid }]) => guid === key);
    return entries.find(([id]) => id === Number(key));
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    asked.push(pathname);
    if (fault) return fault(request, response);
    if (!isWelcome(request)) return answer(response, 401, { error_code: 401, message: 'no' });
    const found = find(pathname);
    if (!found) return answer(response, 404, { error_code: 40403, message: 'Schema not found' });
    const [id, { schemaType, ...schema }] = found;
    const isAvro = schemaType === undefined || schemaType === 'AVRO';
    return answer(response, 200, { id, ...schema, ...(isAvro ? {} : { schemaType }) });
  };
  const { tls } = options;
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    register: (id, schema) => void schemas.set(id, schema),
    answerWith(next) {
      fault = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
  response.end(JSON.stringify(body));
}

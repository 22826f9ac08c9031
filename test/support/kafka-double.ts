import { type AddressInfo, createServer, type Socket } from 'node:net';
import { WireWriter } from '#shared/kafka/wire.ts';

/** One request as a broker sees it. */
export interface DoubleRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** All after the header v1, i.e. with its tagged fields still in front for flexible versions. */
  readonly body: Buffer;
}

/**
 * Stands in for a broker where a real one cannot be made to misbehave: it answers ApiVersions with the given
 * ranges, and every other request with what `answer` gives: the bytes after the correlation id, `hang` or
 * `close`.
 */
export interface KafkaDouble {
  readonly address: { readonly host: string; readonly port: number };
  readonly requests: DoubleRequest[];
  /** Connections accepted so far. */
  readonly connections: number;
  stop(): Promise<void>;
}

const API_VERSIONS = 18;

export async function startKafkaDouble(options: {
  /** By API key: lowest and highest version. */
  readonly versions: Readonly<Record<number, readonly [number, number]>>;
  readonly answer: (request: DoubleRequest) => Buffer | 'hang' | 'close';
}): Promise<KafkaDouble> {
  const requests: DoubleRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const versions = versionsAnswer({ ...options.versions, [API_VERSIONS]: [0, 2] });
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + frame.length);
        serve(socket, frame);
      }
    });
  });

  function serve(socket: Socket, frame: Buffer): void {
    const clientIdBytes = Math.max(0, frame.readInt16BE(8));
    const request = {
      apiKey: frame.readInt16BE(0),
      apiVersion: frame.readInt16BE(2),
      body: frame.subarray(10 + clientIdBytes),
    };
    if (request.apiKey !== API_VERSIONS) requests.push(request);
    const answer = request.apiKey === API_VERSIONS ? versions : options.answer(request);
    if (answer === 'hang') return;
    if (answer === 'close') return void socket.destroy();
    const head = Buffer.alloc(8);
    head.writeInt32BE(4 + answer.length, 0);
    head.writeInt32BE(frame.readInt32BE(4), 4);
    socket.write(Buffer.concat([head, answer]));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    requests,
    get connections() {
      return connections;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** ApiVersions, version 2: error code, ranges, throttle time. */
function versionsAnswer(ranges: Readonly<Record<number, readonly [number, number]>>): Buffer {
  const entries = Object.entries(ranges);
  const body = new WireWriter().int16(0).int32(entries.length);
  for (const [apiKey, [min, max]] of entries) body.int16(Number(apiKey)).int16(min).int16(max);
  return body.int32(0).finish();
}

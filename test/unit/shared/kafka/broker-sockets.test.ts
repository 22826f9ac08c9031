import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowedBrokers } from '#shared/kafka/allowed-brokers.ts';
import { brokerSockets } from '#shared/kafka/broker-sockets.ts';
import { frameMemory } from '#shared/kafka/frame-memory.ts';

const memory = frameMemory();
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A name service that knows one answer. */
function resolvesTo(...addresses: string[]) {
  return ((_host, _options, callback: (...answer: unknown[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    )) as typeof lookup;
}

function open(sockets: ReturnType<typeof brokerSockets>, host: string): Socket {
  return sockets.factory({ host, port, ssl: undefined as never, onConnect: () => {} });
}

test('an allowed name is connected to, and a cut ends that with an error', async () => {
  const sockets = brokerSockets(allowedBrokers(['*.example.com']), {
    memory,
    resolve: resolvesTo('127.0.0.1'),
  });
  const socket = open(sockets, 'b-1.example.com');
  await once(socket, 'connect');
  const failed = once(socket, 'error');

  sockets.cut({ host: 'b-2.example.com', port });
  expect(socket.destroyed).toBe(false);
  sockets.cut({ host: 'b-1.example.com', port });

  expect((await failed)[0]).toMatchObject({ message: 'the connection was cut' });
});

test('a name that resolves to a metadata service, even as its second address, is not connected to', async () => {
  const resolve = resolvesTo('127.0.0.1', '169.254.169.254');
  const sockets = brokerSockets(allowedBrokers(['*']), { memory, resolve });
  const socket = open(sockets, 'b-1.example.com');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'BROKER_NOT_ALLOWED' });
  expect(sockets.refusal('b-1.example.com')).toBe(error);
});

test('a name that is not allowed is not even resolved', () => {
  const never = (() => expect.unreachable()) as unknown as typeof lookup;
  const sockets = brokerSockets(allowedBrokers(['*.example.com']), { memory, resolve: never });
  expect(() => open(sockets, 'evil.org')).toThrow(
    expect.objectContaining({ code: 'BROKER_NOT_ALLOWED' }),
  );
  expect(sockets.refusal('evil.org')).toMatchObject({ code: 'BROKER_NOT_ALLOWED' });
});

test('after it was closed no socket is made', async () => {
  const sockets = brokerSockets(allowedBrokers(['*']), {
    memory,
    resolve: resolvesTo('127.0.0.1'),
  });
  const socket = open(sockets, 'b-1.example.com');
  await once(socket, 'connect');
  const failed = once(socket, 'error');
  sockets.close();
  await failed;
  expect(() => open(sockets, 'b-1.example.com')).toThrow('the connection was cut');
});

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { destinationWorkers } from '../../../functions/scheduler/destination-workers.ts';
import { allowedHosts } from '../../../functions/shared/allowed-hosts.ts';
import { type Clock, systemClock } from '../../../functions/shared/clock.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import { exampleJob } from '../../support/planning-examples.ts';

const sockets = new Set<Socket>();
let servers: Server[];
let frontends: string[];
let connections = 0;

/** Frontends that take every connection and never say a word. */
beforeEach(async () => {
  connections = 0;
  servers = [1, 2, 3].map(() =>
    createServer((socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on('error', () => undefined);
    }),
  );
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  frontends = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

function outbound(clock: Clock, requestTimeoutMs: number) {
  const allowed = allowedHosts(['127.0.0.1'], 'destinations');
  return { allowed, clock, connectTimeoutMs: 1_000, requestTimeoutMs };
}

/** Where it is not TLS, nobody asks whom to trust. */
const noLogins = {
  get: () => Promise.reject(new Error('no secret is to be read')),
  drop: () => {},
};

function jobInto(table: string) {
  const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:doris';
  const doris = { frontends, tls: false, database: 'air', table, secretArn };
  return exampleJob({}, {}, { destination: { doris } });
}

it('the silence of a destination is waited for once, whatever number of jobs load into it', async () => {
  const workers = destinationWorkers(outbound(systemClock, 50), noLogins);

  await expect(workers(jobInto('a'))).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  const waitedFor = connections;
  await expect(workers(jobInto('b'))).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });

  expect(waitedFor).toBeGreaterThanOrEqual(frontends.length);
  expect(connections).toBe(waitedFor);
});

it('all frontends together have a bounded time, however many they are', async () => {
  const overAtOnce: Clock = { now: systemClock.now, sleep: async () => undefined };

  const asked = destinationWorkers(outbound(overAtOnce, 600_000), noLogins)(jobInto('a'));

  await expect(asked).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringContaining('within 6000 ms'),
  });
});

it('a secret that cannot be read is asked for once, too', async () => {
  let reads = 0;
  const unavailable = {
    get: async () => {
      reads += 1;
      throw new LoadFailure('SECRET_UNAVAILABLE', 'the service does not answer');
    },
    drop: () => {},
  };
  const workers = destinationWorkers(outbound(systemClock, 50), unavailable);
  const { doris } = jobInto('a').spec.destination;
  const secured = (table: string) =>
    exampleJob({}, {}, { destination: { doris: { ...doris, table, tls: true } } });

  for (const job of [secured('a'), secured('b')]) {
    await expect(workers(job)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  }

  expect(reads).toBe(1);
});

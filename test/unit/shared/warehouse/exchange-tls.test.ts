import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { allowedHosts } from '#shared/allowed-hosts.ts';
import { systemClock } from '#shared/clock.ts';
import { exchange, openUpload } from '#shared/warehouse/exchange.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';
import { warehouseLink } from '../../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import { destinationWorkers } from '../../../../functions/scheduler/destination-workers.ts';
import { keyPem, testCertificate } from '../../../support/certificates.ts';
import { exampleJob } from '../../../support/planning-examples.ts';

/** Servers over TLS whose certificates a private authority vouches for. */

const authority = testCertificate('authority');
const certificate = testCertificate('frontend', authority, { isServer: true });
const stranger = testCertificate('authority');
const ca = authority.pem;

const outbound: Outbound = {
  allowed: allowedHosts(['127.0.0.1'], 'destinations'),
  clock: systemClock,
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
};

const afterwards: (() => void)[] = [];
afterEach(() => {
  for (const clean of afterwards.splice(0)) clean();
});

/** Answers `{"path": ...}`, as a frontend that has one backend, and takes what is sent. */
async function startFrontend(): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer({ cert: certificate.pem, key: keyPem(certificate) });
  server.on('request', (request, response) => {
    seen.push(request.url ?? '');
    request.resume().once('end', () => {
      const isProbe = request.headers.expect !== undefined && request.url === '/load';
      const { port } = server.address() as AddressInfo;
      response.writeHead(isProbe ? 307 : 200, {
        ...(isProbe && { location: `https://127.0.0.1:${port}/api/loaded` }),
        connection: 'close',
      });
      response.end(JSON.stringify({ online_backend_num: 1, total_backend_num: 1 }));
    });
  });
  server.on('checkContinue', (request, response) => {
    if (request.url !== '/load') response.writeContinue();
    server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

const login = { username: 'u', password: 'p' };

it('a server is believed by the authority that a request names, and by no other', async () => {
  const { port, seen } = await startFrontend();
  const request = {
    endpoint: { host: '127.0.0.1', port, tls: true },
    ...({ method: 'GET', path: '/x', headers: {} } as const),
  };
  expect(await exchange(outbound, { ...request, ca })).toMatchObject({ status: 200 });
  const upload = await openUpload(outbound, { ...request, method: 'PUT', ca });
  expect(await upload.write(Buffer.from('rows'))).toBe(true);
  expect(await upload.finish()).toMatchObject({ status: 200 });
  for (const other of [undefined, stranger.pem]) {
    await expect(exchange(outbound, { ...request, ca: other })).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringMatching(/certificate/),
    });
  }
  expect(seen).toEqual(['/x', '/x']);
});

it('a warehouse is believed by the authority in the secret of its login, wherever it sends us', async () => {
  const { port, seen } = await startFrontend();
  const linkBy = (authorityPem?: string) =>
    warehouseLink({
      outbound,
      frontends: [`127.0.0.1:${port}`],
      tls: true,
      login: async () => ({ ...login, ...(authorityPem !== undefined && { ca: authorityPem }) }),
      loginRefused: () => {},
      mostHops: 1,
    });
  const link = linkBy(ca);
  await link.ask({ method: 'GET', path: '/ask', headers: {} });
  const upload = await link.upload({ method: 'PUT', path: '/load', headers: {} });
  await upload.finish();
  expect(await link.read(`https://127.0.0.1:${port}/api/log`)).toContain('online');
  expect(seen).toEqual(['/ask', '/load', '/api/loaded', '/api/log']);
  await expect(linkBy().ask({ method: 'GET', path: '/ask', headers: {} })).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
  });
});

it('so are its workers counted', async () => {
  const { port } = await startFrontend();
  const jobBy = (secret: string) => {
    const secretArn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${secret}`;
    const doris = { frontends: [`127.0.0.1:${port}`], database: 'air', table: 't', secretArn };
    return exampleJob({}, {}, { destination: { doris } });
  };
  const get = async (arn: string) => (arn.endsWith('own') ? { ...login, ca } : login);
  const workers = destinationWorkers(outbound, { get, drop: () => {} });
  expect(await workers(jobBy('own'))).toBe(1);
  await expect(workers(jobBy('none'))).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
});

import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts } from '../../../../infra/local/free-port.ts';

it('gives different ports that can be listened on, and that no outgoing connection is given', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const server = createServer().listen(ports[0], '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await new Promise((resolve) => server.close(resolve));
});

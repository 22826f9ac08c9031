import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOPBACK = '127.0.0.1';

/**
 * Below the ports that Linux (32768 and up), macOS and Windows (49152 and up) give to whoever asks for any, outgoing
 * connections among them: one of those may be taken before the server that it is for has started.
 */
const FIRST_PORT = 18_000;
const PORTS = 14_000;
const TRIES = 200;

/**
 * Ports of 127.0.0.1 on which nothing listens now, all different.
 *
 * @throws {Error} when none is found
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Map<number, Server>();
  try {
    for (let tries = 0; found.size < count; tries += 1) {
      if (tries > TRIES + count) throw new Error(`no free port was found on ${LOOPBACK}`);
      const port = randomInt(FIRST_PORT, FIRST_PORT + PORTS);
      const server = await listen(port).catch(() => undefined);
      if (server) found.set(port, server);
    }
    return [...found.keys()];
  } finally {
    await Promise.all([...found.values()].map(close));
  }
}

/**
 * Resolves when nothing listens on the ports any more: an earlier server on them may still be dying.
 *
 * @throws {Error} when one is still taken after `timeoutMs`
 */
export async function portsFree(ports: readonly number[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const port of ports) {
    while (!(await isFree(port))) {
      if (performance.now() > deadline) {
        throw new Error(`port ${port} of ${LOOPBACK} must be free, another process listens on it`);
      }
      await delay(100);
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    await close(await listen(port));
    return true;
  } catch {
    return false;
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

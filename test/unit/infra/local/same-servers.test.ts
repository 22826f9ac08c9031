import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localFolders, readLocalSettings } from '../../../../infra/local/local-settings.ts';
import { requireSameServers } from '../../../../infra/local/same-servers.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'same-servers-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const start = (environment: Record<string, string>) =>
  requireSameServers(readLocalSettings(environment), localFolders(root));

it('data of our own servers is not used with another broker, and goes on with our own', async () => {
  await start({});
  await expect(start({ KAFKA_BROKERS: '127.0.0.1:9092' })).rejects.toThrow(
    /belongs to the servers \{"kafka":"our own".*"127.0.0.1:9092".*--fresh/,
  );
  await start({});
});

it('data of a cluster goes on with its brokers in any order', async () => {
  await start({ KAFKA_BROKERS: 'a:1,b:2' });
  await start({ KAFKA_BROKERS: 'b:2,a:1' });
  await expect(start({})).rejects.toThrow('belongs to the servers');
});

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { startInstallation } from '../../../../infra/local/local-installation.ts';
import { localFolders, readLocalSettings } from '../../../../infra/local/local-settings.ts';

const elsewhere = {
  DYNAMODB_ENDPOINT: 'http://127.0.0.1:9',
  KAFKA_BROKERS: '127.0.0.1:9',
  FILE_DIRECTORIES: '/elsewhere',
};

test.each([
  ['the tables’ directory', { ...elsewhere, FILE_DIRECTORIES: undefined }],
  ['the broker’s directory', { ...elsewhere, KAFKA_BROKERS: undefined }],
])('a comma in %s is told before anything is made or started', async (_, environment) => {
  const checkout = await mkdtemp(join(tmpdir(), 'a,b-'));
  const folders = localFolders(join(checkout, '.local'));
  const starting = startInstallation(readLocalSettings(environment), folders, {
    clock: systemClock,
    onPart: () => undefined,
    onTrouble: () => undefined,
  });

  await expect(starting).rejects.toThrow('the path must have no comma');
  expect(existsSync(folders.root)).toBe(false);
  await rm(checkout, { recursive: true });
});

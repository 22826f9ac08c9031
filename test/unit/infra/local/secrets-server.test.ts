import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SecretsServer, startSecretsServer } from '../../../../infra/local/secrets-server.ts';

const ARN = 'arn:aws:secretsmanager:local:000000000000:secret:doris';
const troubles: string[] = [];
let folder: string;
let file: string;
let server: SecretsServer;
let client: SecretsManagerClient;

beforeEach(async () => {
  troubles.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  file = join(folder, 'secrets.json');
  server = await startSecretsServer(file, (message) => troubles.push(message));
  client = new SecretsManagerClient({
    endpoint: server.url,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

/** The secret's text, or the name of the error. */
const read = () =>
  client.send(new GetSecretValueCommand({ SecretId: ARN })).then(
    ({ SecretString }) => SecretString,
    ({ name }: Error) => name,
  );

it('a secret is found as soon as it stands in the file, as an object or as a text', async () => {
  expect(await read()).toBe('ResourceNotFoundException');
  const login = { username: 'root', password: 'a"b' };
  await writeFile(file, JSON.stringify({ [ARN]: login }));
  expect(JSON.parse((await read()) ?? '')).toEqual(login);
  await writeFile(file, JSON.stringify({ [ARN]: 'plain' }));
  expect(await read()).toBe('plain');
  expect(troubles).toEqual([]);
});

it('a file that is no JSON of secrets is told, without what it holds', async () => {
  for (const text of ['{"password": hunter2}', '["hunter2"]', `{"${ARN}": 5}`]) {
    await writeFile(file, text);
    expect(await read()).toBe('InternalServiceError');
  }
  expect(troubles).toHaveLength(3);
  expect(troubles[0]).toContain(`${file} must be JSON`);
  expect(troubles.join()).not.toContain('hunter2');
});

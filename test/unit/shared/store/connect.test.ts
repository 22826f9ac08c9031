import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectDynamoDb } from '#shared/store/connect.ts';

// What the SDK finds by itself; without it, it would go and ask the network.
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAOWN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'own');
});
afterEach(() => vi.unstubAllEnvs());

async function keyFor(endpoint: string | undefined, environment: Record<string, string>) {
  const client = connectDynamoDb(endpoint, { AWS_REGION: 'eu-west-1', ...environment });
  const { accessKeyId } = await client.config.credentials();
  client.destroy();
  return accessKeyId;
}

describe('stand-ins for credentials', () => {
  test.each([
    'http://127.0.0.1:8000',
    'http://localhost:8000',
    'http://[::1]:8000',
    'http://127.8.9.1',
  ])('%s gets them when the environment has none', async (endpoint) => {
    expect(await keyFor(endpoint, {})).toBe('local');
  });

  test.each([
    undefined,
    'https://dynamodb.eu-west-1.amazonaws.com',
    'http://localhost.example.com:8000',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1:8000',
  ])('%s never gets them', async (endpoint) => {
    expect(await keyFor(endpoint, {})).toBe('AKIAOWN');
  });

  test("the environment's own go before them", async () => {
    expect(await keyFor('http://127.0.0.1:8000', { AWS_ACCESS_KEY_ID: 'AKIAOWN' })).toBe('AKIAOWN');
  });
});

test('a region is assumed on this machine only', async () => {
  const local = connectDynamoDb('http://127.0.0.1:8000', {});
  const given = connectDynamoDb('http://127.0.0.1:8000', { AWS_REGION: 'eu-west-1' });

  await expect(local.config.region()).resolves.toBe('us-east-1');
  await expect(given.config.region()).resolves.toBe('eu-west-1');
});

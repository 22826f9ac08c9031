import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KafkaAuth } from '#shared/domain/job-spec.ts';
import { type AuthDeps, authConfig, mskIamToken } from '#shared/kafka/auth.ts';
import { rememberedAuthorities } from '#shared/kafka/authorities.ts';
import { rememberedCertificates } from '#shared/kafka/client-certificate.ts';
import { rememberedLogins } from '#shared/kafka/secrets.ts';
import { keyPem, testCertificate } from '../../../support/certificates.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_x-AbCdEf';
const CLUSTER = 'arn:aws:kafka:eu-central-1:123456789012:cluster/c/0-1';
const authority = testCertificate('authority');
const shown = testCertificate('loader', authority);
let now = 0;
const clock = { now: () => now, sleep: async () => {} };
let tokens: string[];
let deps: AuthDeps;

beforeEach(() => {
  now = 1_000_000;
  tokens = [];
  deps = {
    clock,
    logins: rememberedLogins(
      { read: async () => JSON.stringify({ username: 'u', password: 'p' }) },
      clock,
    ),
    authorities: rememberedAuthorities(
      { read: async () => JSON.stringify({ ca: authority.pem }) },
      { ...clock, now: Date.now },
    ),
    certificates: rememberedCertificates(
      { read: async () => JSON.stringify({ certificate: shown.pem, privateKey: keyPem(shown) }) },
      { ...clock, now: Date.now },
    ),
    iamToken: async (region) => {
      tokens.push(region);
      return { token: `${region}-${tokens.length}`, expiresAt: now + 900_000 };
    },
  };
});

const config = (
  auth: KafkaAuth,
  { clusterArn, brokers = ['b:1'] }: { clusterArn?: string; brokers?: string[] } = {},
) => authConfig({ auth, ...(clusterArn ? { clusterArn } : {}), brokers }, brokers, deps);

test('none is plain text, tls verifies, and a login goes over TLS unless told otherwise', async () => {
  expect(await config({ mechanism: 'none' })).toEqual({});
  expect(await config({ mechanism: 'tls' })).toEqual({ ssl: {} });
  const sasl = { mechanism: 'scram-sha-256', username: 'u', password: 'p' };
  const auth = { mechanism: 'scram-sha-256', secretArn: ARN } as const;
  expect(await config({ ...auth, tls: true })).toEqual({ ssl: {}, sasl });
  expect(await config({ ...auth, tls: false })).toEqual({ sasl });
});

test('certificates to trust are the only thing that changes how TLS verifies', async () => {
  deps = { ...deps, trustedCertificates: 'PEM' };
  expect(await config({ mechanism: 'tls' })).toEqual({ ssl: { ca: 'PEM' } });
});

test('a private authority in the secret takes the place of all others, and is no part of the login', async () => {
  const ssl = { ca: authority.pem };
  deps = { ...deps, trustedCertificates: 'PEM' };
  expect(await config({ mechanism: 'tls', secretArn: ARN })).toEqual({ ssl });
  const read = async () => JSON.stringify({ username: 'u', password: 'p', ca: authority.pem });
  deps = { ...deps, logins: rememberedLogins({ read }, { ...clock, now: Date.now }) };
  const sasl = { mechanism: 'plain', username: 'u', password: 'p' };
  const auth = { mechanism: 'plain', secretArn: ARN } as const;
  expect(await config({ ...auth, tls: true })).toEqual({ ssl, sasl });
  expect(await config({ ...auth, tls: false })).toEqual({ sasl });
  const own = { certificate: shown.pem, privateKey: keyPem(shown), ca: authority.pem };
  const certificates = rememberedCertificates(
    { read: async () => JSON.stringify(own) },
    { ...clock, now: Date.now },
  );
  deps = { ...deps, certificates };
  expect(await config({ mechanism: 'mtls', secretArn: ARN })).toEqual({
    ssl: { ...ssl, cert: shown.pem, key: keyPem(shown) },
  });
});

test('a certificate of our own is shown in TLS, beside those to trust', async () => {
  const own = { cert: shown.pem, key: keyPem(shown) };
  const auth = { mechanism: 'mtls', secretArn: ARN } as const;
  expect(await config(auth)).toEqual({ ssl: own });
  deps = { ...deps, trustedCertificates: 'PEM' };
  expect(await config(auth)).toEqual({ ssl: { ca: 'PEM', ...own } });
});

test.each([
  ['the specification', { region: 'us-west-2' }, { clusterArn: CLUSTER }, 'us-west-2'],
  ['the cluster ARN', {}, { clusterArn: CLUSTER }, 'eu-central-1'],
  [
    'a broker of MSK',
    {},
    { brokers: ['b-1.c.abc.c2.kafka.us-east-1.amazonaws.com:9098'] },
    'us-east-1',
  ],
  [
    'a serverless cluster',
    {},
    { brokers: ['boot-x.c1.kafka-serverless.ap-south-1.amazonaws.com:9098'] },
    'ap-south-1',
  ],
])('the region for IAM comes from %s', async (_, more, address, region) => {
  const { sasl, ssl } = await config({ mechanism: 'aws-msk-iam', ...more }, address);
  expect(ssl).toEqual({});
  expect(sasl?.mechanism).toBe('oauthbearer');
  await (sasl as { oauthBearerProvider(): Promise<unknown> }).oauthBearerProvider();
  expect(tokens).toEqual([region]);
});

test('without any of them the region has to be given', async () => {
  await expect(config({ mechanism: 'aws-msk-iam' })).rejects.toMatchObject({
    code: 'BROKER_AUTH_FAILED',
    message:
      "auth.region must be given: neither a cluster ARN nor the brokers' names (b:1) tell it",
  });
});

test('a token serves until a minute before it ends', async () => {
  const { sasl } = await config({ mechanism: 'aws-msk-iam' }, { clusterArn: CLUSTER });
  const { oauthBearerProvider } = sasl as { oauthBearerProvider(): Promise<{ value: string }> };
  const first = await oauthBearerProvider();
  now += 840_000;
  const second = await oauthBearerProvider();
  now += 1;
  const third = await oauthBearerProvider();
  expect([first, second, third].map(({ value }) => value)).toEqual([
    'eu-central-1-1',
    'eu-central-1-1',
    'eu-central-1-2',
  ]);
});

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret' };
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

test('an IAM token is a signed request to connect, made without asking anybody', async () => {
  Object.assign(process.env, CREDENTIALS);

  const { token, expiresAt } = await mskIamToken('eu-west-1');

  const url = new URL(Buffer.from(token, 'base64url').toString());
  expect(url.host).toBe('kafka.eu-west-1.amazonaws.com');
  expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(
    /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/,
  );
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  expect(url.href).not.toContain('canary');
  expect(expiresAt).toBeGreaterThan(0);
});

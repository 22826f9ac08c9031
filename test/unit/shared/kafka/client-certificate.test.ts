import { describe, expect, test } from 'vitest';
import { rememberedCertificates } from '#shared/kafka/client-certificate.ts';
import { keyPem, testCertificate } from '../../../support/certificates.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf';
const FIVE_MINUTES = 5 * 60_000;
const PASSWORD = 'canary-7f3a';
const authority = testCertificate('authority');
const client = testCertificate('loader', authority);
const other = testCertificate('other', authority);

function vault(secret: unknown) {
  const state = { now: Date.now(), secret, reads: 0 };
  const clock = { now: () => state.now, sleep: async () => {} };
  const read = async () => {
    state.reads += 1;
    return typeof state.secret === 'string' ? state.secret : JSON.stringify(state.secret);
  };
  return { state, certificates: rememberedCertificates({ read }, clock) };
}

const plain = { certificate: client.pem, privateKey: keyPem(client) };

describe('a secret that logs in by a certificate', () => {
  test('holds chain and key, the key as it is or with its password', async () => {
    const chain = client.pem + authority.pem;
    expect(
      await vault({ ...plain, certificate: chain, owner: 'us' }).certificates.get(ARN),
    ).toEqual({ cert: chain, key: keyPem(client) });
    const locked = { privateKey: keyPem(client, PASSWORD), privateKeyPassword: PASSWORD };
    expect(await vault({ ...plain, ...locked }).certificates.get(ARN)).toEqual({
      cert: client.pem,
      key: keyPem(client),
    });
  });

  test('may have an empty password beside a key that is not encrypted', async () => {
    const { certificates } = vault({ ...plain, privateKeyPassword: '' });
    expect((await certificates.get(ARN)).key).toBe(keyPem(client));
  });

  test('is read again after five minutes, and when it was dropped', async () => {
    const { state, certificates } = vault(plain);
    await certificates.get(ARN);
    state.now += FIVE_MINUTES - 1;
    await certificates.get(ARN);
    expect(state.reads).toBe(1);
    state.now += 1;
    await certificates.get(ARN);
    expect(state.reads).toBe(2);
    certificates.drop(ARN);
    await certificates.get(ARN);
    expect(state.reads).toBe(3);
  });
});

const NO_JSON = /must be JSON with the texts "certificate", "privateKey"/;
const locked = keyPem(client, PASSWORD);
/** Zeros for a key, as if encrypted by pbeWithMD5AndDES-CBC (PKCS#5 1.5), which old tools choose by themselves. */
const OLD_CIPHER = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MC8wGwYJKoZIhvcNAQUDMA4ECAECAwQFBgcIAgIIAAQQAAAAAAAAAAAAAAAAAAAAAA==
-----END ENCRYPTED PRIVATE KEY-----
`;

test.each([
  ['not JSON', 'canary-7f3a', NO_JSON],
  ['a login by password', { username: 'canary-7f3a', password: 'canary-7f3a' }, NO_JSON],
  ['without a key', { certificate: client.pem }, NO_JSON],
  [
    'of no PEM at all',
    { certificate: 'canary-7f3a', privateKey: 'canary-7f3a' },
    /"certificate" must be a chain of certificates in PEM; "privateKey" must be a private key in PEM/,
  ],
  [
    'a certificate that is damaged',
    { ...plain, certificate: client.pem.replace(/\n.{64}\n/, '\nAAAA\n') },
    /"certificate" must be a chain/,
  ],
  [
    'an authority that is damaged',
    { ...plain, certificate: client.pem + authority.pem.replace(/\n.{64}\n/, '\nAAAA\n') },
    /"certificate" must be a chain/,
  ],
  ['the key of another', { ...plain, privateKey: keyPem(other) }, /must be the one of the first/],
  ['an authority first', { ...plain, certificate: authority.pem + client.pem }, /the first/],
  ['locked', { ...plain, privateKey: locked }, /"privateKeyPassword" must be given/],
  [
    'locked by another password',
    { ...plain, privateKey: locked, privateKeyPassword: `${PASSWORD}9` },
    /"privateKeyPassword" must open "privateKey", it does not/,
  ],
  [
    'locked by a cipher that is given up',
    { ...plain, privateKey: OLD_CIPHER, privateKeyPassword: PASSWORD },
    /"privateKey" must be encrypted as PBES2 with AES/,
  ],
])('a secret that is %s is refused, and nothing of it is told', async (_, secret, message) => {
  const { state, certificates } = vault(secret);
  const failure = await certificates.get(ARN).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'SECRET_UNUSABLE',
    cause: undefined,
    facts: { secret: ARN },
    message: expect.stringMatching(message),
  });
  expect((failure as Error).stack).not.toMatch(/canary|BEGIN/);
  // Not kept: the next question reads it again.
  state.secret = plain;
  expect((await certificates.get(ARN)).cert).toBe(client.pem);
});

test('a certificate that is over, or has not begun, is named with its time', async () => {
  const over = testCertificate('loader', authority, { endsMs: -60_000 });
  const early = testCertificate('loader', authority, { beganMs: -60_000 });
  for (const shown of [over, early]) {
    const { certificates } = vault({ certificate: shown.pem, privateKey: keyPem(shown) });
    await expect(certificates.get(ARN)).rejects.toMatchObject({
      code: 'SECRET_UNUSABLE',
      message: expect.stringMatching(
        /"certificate" must be valid now, it is from \d{4}-.*Z to \d{4}-/,
      ),
    });
  }
});

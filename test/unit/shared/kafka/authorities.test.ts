import { expect, test } from 'vitest';
import { rememberedAuthorities } from '#shared/kafka/authorities.ts';
import { rememberedCertificates } from '#shared/kafka/client-certificate.ts';
import { rememberedLogins } from '#shared/kafka/secrets.ts';
import { keyPem, testCertificate } from '../../../support/certificates.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf';
const clock = { now: Date.now, sleep: async () => {} };
const authority = testCertificate('authority');
const over = testCertificate('authority', undefined, { endsMs: -60_000 });
const client = testCertificate('loader', authority);

const holding = (secret: unknown) => ({ read: async () => JSON.stringify(secret) });
const login = { username: 'u', password: 'canary-7f3a' };
const own = { certificate: client.pem, privateKey: keyPem(client) };

/** A secret with this authority, as each of those reads it who may have one. */
const readers: [string, (ca: unknown) => Promise<{ ca?: string }>][] = [
  ['nothing else', (ca) => rememberedAuthorities(holding({ ca }), clock).get(ARN)],
  ['a login', (ca) => rememberedLogins(holding({ ...login, ca }), clock).get(ARN)],
  ['a certificate', (ca) => rememberedCertificates(holding({ ...own, ca }), clock).get(ARN)],
];

test.each(readers)('beside %s, authorities are read as they are', async (_, read) => {
  const comment = '# our own\n';
  expect((await read(authority.pem)).ca).toBe(authority.pem);
  // One that is over may stay in its bundle.
  const bundle = comment + over.pem + authority.pem;
  expect((await read(bundle)).ca).toBe(bundle);
});

test.each(readers.slice(1))('beside %s, there need be none', async (_, read) => {
  expect(await read(undefined)).not.toHaveProperty('ca');
});

const NOT_PEM = /"ca" must be one or more certificates in PEM/;
const FAULTS: [string, unknown, RegExp][] = [
  ['no PEM', 'canary-7f3a', NOT_PEM],
  ['damaged', authority.pem.replace(/\n.{64}\n/, '\nAAAA\n'), NOT_PEM],
  ['a key', keyPem(client), NOT_PEM],
  ['empty', '', NOT_PEM],
  ['over', over.pem, /"ca" must have a certificate that is valid now, its first one is from \d{4}/],
  ['no text', 7, /must be JSON with the text/],
];

test.each(
  readers.flatMap(([beside, read]) => FAULTS.map((fault) => [...fault, beside, read] as const)),
)('one that is %s is refused, and nothing of it is told (%#)', async (_, ca, message, __, read) => {
  const failure = await read(ca).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'SECRET_UNUSABLE',
    cause: undefined,
    facts: { secret: ARN },
    message: expect.stringMatching(message),
  });
  expect((failure as Error).stack).not.toMatch(/canary|BEGIN|AAAA/);
});

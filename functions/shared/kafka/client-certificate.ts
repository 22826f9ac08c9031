import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import { type Authorities, authorityFaults } from './authorities.ts';
import { isValidAt, readChain, validityText } from './certificate-text.ts';
import { type Remembered, remembered } from './remembered.ts';
import { KEEP_SECRET_MS, type Secrets, secretValue } from './secret-text.ts';

/**
 * What a client shows and proves in mutual TLS, in PEM and under the names that Node's TLS has for it. The key is
 * unlocked: to derive its password anew for every connection would cost more than the handshake.
 */
export interface ClientCertificate extends Partial<Authorities> {
  /** The client's certificate, then those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
}

/**
 * `ca`, and the fields that AWS Lambda's own event source for Kafka takes for CLIENT_CERTIFICATE_TLS_AUTH:
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html#msk-mtls
 */
const secretFields = z.object({
  certificate: z.string(),
  privateKey: z.string(),
  privateKeyPassword: z.string().optional(),
  ca: z.string().optional(),
});

const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;
/** OpenSSL's word for ciphers that it has no more, such as the DES of PKCS#5. */
const UNSUPPORTED = /UNSUPPORTED/;

/** Certificates read from `secrets`, each at most every five minutes. */
export function rememberedCertificates(
  secrets: Secrets,
  clock: Clock,
): Remembered<ClientCertificate> {
  return remembered(
    async (arn) => parseCertificate(await secrets.read(arn), { arn, now: clock.now() }),
    { keepMs: KEEP_SECRET_MS, clock },
  );
}

/**
 * Whatever a broker would refuse, and say little of, is found here and named, all of it at once. Nothing of the secret
 * is told but when the certificate holds, which is shown to everybody anyway.
 */
function parseCertificate(
  text: string,
  { arn, now }: { readonly arn: string; readonly now: number },
): ClientCertificate {
  const { data } = secretFields.safeParse(secretValue(text));
  if (!data) {
    throw unusable(arn, [
      'it must be JSON with the texts "certificate", "privateKey", where that is encrypted "privateKeyPassword", and, where the server has a private authority, "ca"',
    ]);
  }
  const [leaf] = readChain(data.certificate) ?? [];
  const key = readKey(data.privateKey, data.privateKeyPassword || undefined);
  const faults = [
    ...(leaf ? validityFaults(leaf, now) : [NO_CHAIN]),
    ...authorityFaults(data.ca, now),
  ];
  if (typeof key === 'string') throw unusable(arn, [...faults, key]);
  if (leaf && !leaf.checkPrivateKey(key)) faults.push(OTHER_KEY);
  if (faults.length > 0) throw unusable(arn, faults);
  const pair = {
    cert: data.certificate,
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
  requireAccepted(pair, arn);
  return data.ca === undefined ? pair : { ...pair, ca: data.ca };
}

const NO_CHAIN = '"certificate" must be a chain of certificates in PEM';
const OTHER_KEY = '"privateKey" must be the one of the first certificate';

/** No cause is kept: OpenSSL's own errors say nothing more that is of use. */
function unusable(arn: string, faults: readonly string[]): LoadFailure {
  return new LoadFailure(
    'SECRET_UNUSABLE',
    `secret ${arn} holds no login by mtls: ${faults.join('; ')}`,
    {
      facts: { secret: arn },
    },
  );
}

/** OpenSSL has rules of its own, such as the least length of an RSA key, and would break them to us at each connection. */
function requireAccepted(pair: ClientCertificate, arn: string): void {
  try {
    createSecureContext({ ...pair });
  } catch (error) {
    const reason = error instanceof Error ? Reflect.get(error, 'reason') : undefined;
    throw unusable(arn, [
      `"certificate" must be one that OpenSSL accepts, it says: ${reason ?? 'no'}`,
    ]);
  }
}

function validityFaults(certificate: X509Certificate, now: number): string[] {
  if (isValidAt(certificate, now)) return [];
  return [`"certificate" must be valid now, it is from ${validityText(certificate)}`];
}

/** The key, or what is wrong with it. */
function readKey(text: string, passphrase: string | undefined): KeyObject | string {
  const isEncrypted = ENCRYPTED_KEY.test(text);
  if (isEncrypted && passphrase === undefined) {
    return '"privateKey" is encrypted, so "privateKeyPassword" must be given';
  }
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase ? { passphrase } : {}) });
  } catch (error) {
    if (!isEncrypted) return '"privateKey" must be a private key in PEM (PKCS#8)';
    const code = error instanceof Error ? String(Reflect.get(error, 'code')) : '';
    return UNSUPPORTED.test(code)
      ? '"privateKey" must be encrypted as PBES2 with AES, it is by a cipher that is given up'
      : '"privateKeyPassword" must open "privateKey", it does not';
  }
}

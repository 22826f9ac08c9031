import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import { isValidAt, readChain, validityText } from './certificate-text.ts';
import { type Remembered, remembered } from './remembered.ts';
import { KEEP_SECRET_MS, type Secrets, secretValue } from './secret-text.ts';

/**
 * Whose certificates are believed in TLS: `ca` beside whatever else a secret holds, one or more certificates in PEM.
 * They take the place of the well-known authorities, as in Node's TLS, whose name for it this is.
 */
export interface Authorities {
  readonly ca: string;
}

const secretFields = z.object({ ca: z.string() });

/** Authorities out of secrets that hold nothing else of use, each read at most every five minutes. */
export function rememberedAuthorities(secrets: Secrets, clock: Clock): Remembered<Authorities> {
  const ask = async (arn: string): Promise<Authorities> => {
    const { data } = secretFields.safeParse(secretValue(await secrets.read(arn)));
    const options = { facts: { secret: arn } };
    if (!data) {
      const message = `secret ${arn} must be JSON with the text "ca"`;
      throw new LoadFailure('SECRET_UNUSABLE', message, options);
    }
    const [fault] = authorityFaults(data.ca, clock.now());
    if (fault === undefined) return data;
    throw new LoadFailure('SECRET_UNUSABLE', `secret ${arn} cannot be used: ${fault}`, options);
  };
  return remembered(ask, { keepMs: KEEP_SECRET_MS, clock });
}

/** What is wrong with a secret's `ca`, where it has one; nothing of its text is told. */
export function authorityFaults(ca: string | undefined, now: number): string[] {
  if (ca === undefined) return [];
  const chain = readChain(ca);
  const [first] = chain ?? [];
  if (chain === undefined || first === undefined) return [NO_CERTIFICATES];
  return [...timeFaults(chain, first, now), ...acceptanceFaults(ca)];
}

const NO_CERTIFICATES = '"ca" must be one or more certificates in PEM';

/** Bundles keep old authorities beside the new one that takes their place: one that holds is enough. */
function timeFaults(
  chain: readonly X509Certificate[],
  first: X509Certificate,
  now: number,
): string[] {
  if (chain.some((certificate) => isValidAt(certificate, now))) return [];
  const range = validityText(first);
  return [`"ca" must have a certificate that is valid now, its first one is from ${range}`];
}

/** OpenSSL has rules of its own, and would break them to us at each connection. */
function acceptanceFaults(ca: string): string[] {
  try {
    createSecureContext({ ca });
    return [];
  } catch {
    return ['"ca" must be certificates that OpenSSL accepts, it does not'];
  }
}

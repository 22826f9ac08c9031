import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates in a text in PEM; `undefined` where there is none, or one that is damaged. */
export function readChain(text: string): X509Certificate[] | undefined {
  try {
    return text.match(CERTIFICATE)?.map((pem) => new X509Certificate(pem));
  } catch {
    return undefined;
  }
}

/** Whether a certificate holds at that time (epoch ms). */
export function isValidAt({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

/** From when to when a certificate holds, as people read it; it is shown to everybody anyway. */
export function validityText({ validFromDate, validToDate }: X509Certificate): string {
  return `${validFromDate.toISOString()} to ${validToDate.toISOString()}`;
}

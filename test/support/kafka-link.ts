import { systemClock } from '#shared/clock.ts';
import { allowedBrokers } from '#shared/kafka/allowed-brokers.ts';
import { mskIamToken } from '#shared/kafka/auth.ts';
import { rememberedAuthorities } from '#shared/kafka/authorities.ts';
import { rememberedCertificates } from '#shared/kafka/client-certificate.ts';
import { mskControlPlane } from '#shared/kafka/msk.ts';
import type { LinkDeps } from '#shared/kafka/open-link.ts';
import type { Secrets } from '#shared/kafka/secret-text.ts';
import { rememberedLogins } from '#shared/kafka/secrets.ts';

/** Secrets out of a map from ARN to text, and how often each was read. */
export function secretsFrom(texts: ReadonlyMap<string, string>): Secrets & { reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    async read(arn) {
      reads.push(arn);
      const text = texts.get(arn);
      if (text === undefined) throw new Error(`the test has no secret ${arn}`);
      return text;
    },
  };
}

/** The production parts with short waits, any of them replaced. */
export function testLinkDeps({
  secrets = secretsFrom(new Map()),
  ...replaced
}: Partial<LinkDeps> & { readonly secrets?: Secrets } = {}): LinkDeps {
  const clock = replaced.clock ?? systemClock;
  return {
    clock,
    logins: rememberedLogins(secrets, clock),
    certificates: rememberedCertificates(secrets, clock),
    authorities: rememberedAuthorities(secrets, clock),
    iamToken: mskIamToken,
    msk: mskControlPlane(clock),
    allowed: allowedBrokers(['*']),
    connectTimeoutMs: 2_000,
    requestTimeoutMs: 5_000,
    ...replaced,
  };
}

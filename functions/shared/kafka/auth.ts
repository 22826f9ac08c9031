import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { KafkaAuth } from '../domain/job-spec.ts';
import type { Authorities } from './authorities.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { ClusterAddress } from './cluster.ts';
import type { Remembered } from './remembered.ts';
import type { Login } from './secrets.ts';

/** How a job's `auth` becomes kafkajs' configuration. */

/** Makes a token that proves an IAM identity to a cluster in a region. `expiresAt` is epoch ms. */
export type IamToken = (
  region: string,
) => Promise<{ readonly token: string; readonly expiresAt: number }>;

export interface AuthDeps {
  /** Logins by the ARN of their secret. */
  readonly logins: Remembered<Login>;
  /** Certificates to show, by the ARN of their secret. */
  readonly certificates: Remembered<ClientCertificate>;
  /** Whom to trust where nothing is shown, by the ARN of their secret. */
  readonly authorities: Remembered<Authorities>;
  readonly iamToken: IamToken;
  readonly clock: Clock;
  /** Certificates (PEM) to trust instead of the well-known ones, for brokers with a private authority. */
  readonly trustedCertificates?: string | undefined;
}

/** A token is made anew when it has less than this left: longer than any handshake takes. */
const TOKEN_MARGIN_MS = 60_000;

/** Signed on this machine with the function's own role; sends nothing to the network. */
export const mskIamToken: IamToken = async (region) => {
  const { token, expiryTime } = await generateAuthToken({ region });
  return { token, expiresAt: expiryTime };
};

/**
 * The part of kafkajs' configuration that says as whom and how safely to connect.
 *
 * @throws {LoadFailure} SECRET_UNAVAILABLE, SECRET_UNUSABLE, or BROKER_AUTH_FAILED when the region for IAM cannot be told
 */
export async function authConfig(
  address: ClusterAddress,
  brokers: readonly string[],
  deps: AuthDeps,
): Promise<Pick<KafkaConfig, 'ssl' | 'sasl'>> {
  const { auth } = address;
  const ssl = deps.trustedCertificates ? { ca: deps.trustedCertificates } : {};
  switch (auth.mechanism) {
    case 'none':
      return {};
    case 'tls': {
      if (auth.secretArn === undefined) return { ssl };
      return { ssl: await deps.authorities.get(auth.secretArn) };
    }
    case 'mtls':
      return { ssl: { ...ssl, ...(await deps.certificates.get(auth.secretArn)) } };
    case 'aws-msk-iam': {
      const region = iamRegion(auth.region, address.clusterArn, brokers);
      return { ssl, sasl: iamSasl(region, deps) };
    }
    case 'plain':
    case 'scram-sha-256':
    case 'scram-sha-512': {
      const { ca, ...login } = await deps.logins.get(auth.secretArn);
      const sasl: SASLOptions = { mechanism: auth.mechanism, ...login };
      if (!auth.tls) return { sasl };
      return { ssl: ca === undefined ? ssl : { ca }, sasl };
    }
    default:
      return auth satisfies never;
  }
}

/**
 * Forgets what was read from a secret, so that the next connection reads it again.
 *
 * @returns whether there is one
 */
export function forgetSecret(
  auth: KafkaAuth,
  { logins, certificates, authorities }: AuthDeps,
): boolean {
  if (!('secretArn' in auth) || auth.secretArn === undefined) return false;
  const { mechanism, secretArn } = auth;
  if (mechanism === 'mtls') certificates.drop(secretArn);
  else if (mechanism === 'tls') authorities.drop(secretArn);
  else logins.drop(secretArn);
  return true;
}

/** As kafkajs wants it: one token serves all connections until it is nearly over. */
function iamSasl(region: string, { iamToken, clock }: AuthDeps): SASLOptions {
  let current: Awaited<ReturnType<IamToken>> | undefined;
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => {
      if (!current || clock.now() > current.expiresAt - TOKEN_MARGIN_MS) {
        current = await iamToken(region).catch((cause: unknown) => {
          throw new LoadFailure(
            'BROKER_AUTH_FAILED',
            `an IAM token for ${region} cannot be signed: ${cause instanceof Error ? cause.message : String(cause)}`,
            { cause },
          );
        });
      }
      return { value: current.token };
    },
  };
}

/** Brokers of Amazon MSK, provisioned and serverless, carry their region in their names. */
const MSK_HOST = /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?:\d+$/;

function iamRegion(
  given: string | undefined,
  clusterArn: string | undefined,
  brokers: readonly string[],
): string {
  const fromArn = clusterArn?.split(':')[3];
  const fromName = brokers.map((broker) => MSK_HOST.exec(broker.toLowerCase())?.[1]).find(Boolean);
  const region = given ?? fromArn ?? fromName;
  if (region) return region;
  throw new LoadFailure(
    'BROKER_AUTH_FAILED',
    `auth.region must be given: neither a cluster ARN nor the brokers' names (${brokers.join(', ')}) tell it`,
  );
}

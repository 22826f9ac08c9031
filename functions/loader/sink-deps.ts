import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Clock, systemClock } from '#shared/clock.ts';
import type { Installation } from '#shared/installation.ts';
import type { Remembered } from '#shared/kafka/remembered.ts';
import {
  type Login,
  rememberedLogins,
  rememberedTokens,
  secretsManager,
} from '#shared/kafka/secrets.ts';
import { type Outbound, outboundOf } from '#shared/warehouse/outbound.ts';
import type { S3Place, S3Settings } from './sinks/s3/s3-clients.ts';

/** What the sinks of all jobs share. Make it once per function: it remembers. */
export interface SinkDeps {
  /** FILE_DIRECTORIES. */
  readonly fileDirectories: readonly string[] | undefined;
  readonly outbound: Outbound;
  readonly logins: Remembered<Login>;
  /** Bearer tokens, by their secrets' ARNs. */
  readonly tokens: Remembered<string>;
  /** @throws {LoadFailure} SINK_REJECTED for an endpoint that is not allowed */
  readonly s3Client: (place: S3Place) => S3Client | Promise<S3Client>;
  /** Gives texts that were never given before. */
  readonly newToken: () => string;
  readonly clock: Clock;
}

/** The real parts, as the installation's configuration wants them. */
export function sinkDeps(
  config: S3Settings & Pick<Installation, 'FILE_DIRECTORIES' | 'ALLOWED_DESTINATIONS'>,
  clock: Clock = systemClock,
): SinkDeps {
  const secrets = secretsManager();
  return {
    fileDirectories: config.FILE_DIRECTORIES,
    outbound: outboundOf(config, clock),
    logins: rememberedLogins(secrets, clock),
    tokens: rememberedTokens(secrets, clock),
    s3Client: lazyS3Clients(config),
    newToken: randomUUID,
    clock,
  };
}

/** Loaded when the first job asks for one. */
function lazyS3Clients(settings: S3Settings): SinkDeps['s3Client'] {
  let clients: Promise<(place: S3Place) => S3Client> | undefined;
  return async (place) => {
    clients ??= import('./sinks/s3/s3-clients.ts').then(({ s3Clients }) => s3Clients(settings));
    return (await clients)(place);
  };
}

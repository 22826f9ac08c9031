import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { type Clock, systemClock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import type { Installation } from '#shared/installation.ts';
import type { Remembered } from '#shared/kafka/remembered.ts';
import { type Login, rememberedLogins, secretsManager } from '#shared/kafka/secrets.ts';
import { type Outbound, outboundOf } from '#shared/warehouse/outbound.ts';

/** What the sinks of all jobs share. Make it once per function: it remembers. */
export interface SinkDeps {
  /** FILE_DIRECTORIES. */
  readonly fileDirectories: readonly string[] | undefined;
  readonly outbound: Outbound;
  readonly logins: Remembered<Login>;
  /** @throws {LoadFailure} SINK_REJECTED for an endpoint that is not allowed */
  readonly s3Client: (destination: Pick<S3Destination, 'region' | 'endpoint'>) => S3Client;
  /** Gives texts that were never given before. */
  readonly newToken: () => string;
  readonly clock: Clock;
}

/** The real parts, as the installation's configuration wants them. */
export function sinkDeps(
  config: Pick<
    Installation,
    | 'FILE_DIRECTORIES'
    | 'ALLOWED_DESTINATIONS'
    | 'ALLOWED_ENDPOINTS'
    | 'SINK_CONNECT_TIMEOUT_MS'
    | 'SINK_REQUEST_TIMEOUT_MS'
  >,
  clock: Clock = systemClock,
): SinkDeps {
  return {
    fileDirectories: config.FILE_DIRECTORIES,
    outbound: outboundOf(config, clock),
    logins: rememberedLogins(secretsManager(), clock),
    s3Client: s3Clients(config),
    newToken: randomUUID,
    clock,
  };
}

/** One client per region and endpoint. */
function s3Clients(
  config: Pick<
    Installation,
    'ALLOWED_ENDPOINTS' | 'SINK_CONNECT_TIMEOUT_MS' | 'SINK_REQUEST_TIMEOUT_MS'
  >,
): SinkDeps['s3Client'] {
  const clients = new Map<string, S3Client>();
  return ({ region, endpoint }) => {
    if (endpoint !== undefined && !config.ALLOWED_ENDPOINTS?.includes(endpoint)) {
      throw new LoadFailure('SINK_REJECTED', `endpoint ${endpoint} is not allowed`);
    }
    const key = JSON.stringify([region, endpoint]);
    const known = clients.get(key);
    if (known) return known;
    const client = new S3Client({
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      // Parts carry their MD5; the SDK's own checksums would have to be repeated at completion.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: config.SINK_CONNECT_TIMEOUT_MS,
        requestTimeout: config.SINK_REQUEST_TIMEOUT_MS,
      },
    });
    clients.set(key, client);
    return client;
  };
}

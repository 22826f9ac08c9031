import { S3Client } from '@aws-sdk/client-s3';
import { awsTimeLimits } from '#shared/aws-time-limits.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import type { Installation } from '#shared/installation.ts';

/** What decides how S3 is reached. */
export type S3Settings = Pick<
  Installation,
  'ALLOWED_ENDPOINTS' | 'SINK_CONNECT_TIMEOUT_MS' | 'SINK_REQUEST_TIMEOUT_MS'
>;

/** Where a destination's bucket is. */
export type S3Place = Pick<S3Destination, 'region' | 'endpoint'>;

/**
 * Clients, one per region and endpoint.
 *
 * @throws {LoadFailure} (when asked for one) SINK_REJECTED for an endpoint that is not allowed
 */
export function s3Clients(settings: S3Settings): (place: S3Place) => S3Client {
  const clients = new Map<string, S3Client>();
  return ({ region, endpoint }) => {
    if (endpoint !== undefined && !settings.ALLOWED_ENDPOINTS?.includes(endpoint)) {
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
      requestHandler: awsTimeLimits({
        connectMs: settings.SINK_CONNECT_TIMEOUT_MS,
        requestMs: settings.SINK_REQUEST_TIMEOUT_MS,
      }),
    });
    clients.set(key, client);
    return client;
  };
}

import { type FailureCode, LoadFailure } from '#shared/domain/failure.ts';

/** The names of S3's errors that say what is to be done. */
const CODES: Readonly<Record<string, FailureCode>> = {
  AccessDenied: 'SINK_AUTH_FAILED',
  InvalidAccessKeyId: 'SINK_AUTH_FAILED',
  SignatureDoesNotMatch: 'SINK_AUTH_FAILED',
  ExpiredToken: 'SINK_AUTH_FAILED',
  InvalidToken: 'SINK_AUTH_FAILED',
  CredentialsProviderError: 'SINK_AUTH_FAILED',
  NoSuchBucket: 'SINK_REJECTED',
  PermanentRedirect: 'SINK_REJECTED',
  AuthorizationHeaderMalformed: 'SINK_REJECTED',
  KeyTooLongError: 'SINK_REJECTED',
  SlowDown: 'SINK_THROTTLED',
  ServiceUnavailable: 'SINK_THROTTLED',
  TooManyRequestsException: 'SINK_THROTTLED',
  QuotaExceeded: 'SINK_OUT_OF_SPACE',
  // Swept by another loader, so this attempt is over; the next has an upload of its own.
  NoSuchUpload: 'SINK_UNREACHABLE',
};

/** What S3 calls an error; the operating system's name for one of the connection. */
export function s3ErrorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}

/** The HTTP status of S3's answer, if it answered. */
export function s3Status(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error as { $metadata: { httpStatusCode?: number } };
  return metadata.httpStatusCode;
}

/**
 * An error of S3 as a failure: SINK_AUTH_FAILED, SINK_REJECTED, SINK_THROTTLED, SINK_OUT_OF_SPACE, else
 * SINK_UNREACHABLE for what passes (no answer, 5xx) and SINK_REJECTED for what does not (4xx).
 *
 * @param action what could not be done, e.g. `upload a part`
 */
export function s3Failure(error: unknown, action: string): LoadFailure {
  if (error instanceof LoadFailure) return error;
  const name = s3ErrorName(error);
  const status = s3Status(error) ?? 500;
  // An error in an answer of status 200 is one of the server's, too.
  const isOurs = status >= 400 && status < 500;
  const usual = status === 403 ? 'SINK_AUTH_FAILED' : isOurs ? 'SINK_REJECTED' : 'SINK_UNREACHABLE';
  const message = error instanceof Error && error.message !== name ? `: ${error.message}` : '';
  return new LoadFailure(CODES[name] ?? usual, `cannot ${action}: ${name}${message}`, {
    cause: error,
  });
}

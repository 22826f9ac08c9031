/**
 * What can go wrong while a job is scheduled or loaded: a closed list.
 *
 * - `retryable`: the same task may be tried again and may well succeed;
 * - `resumes`: how a job that paused for this reason comes back: `auto` (the trouble can pass, so
 *   the scheduler resumes it with a growing pause) or `person` (somebody has to act first).
 */
export const FAILURES = {
  BROKER_UNREACHABLE: { retryable: true, resumes: 'auto' },
  BROKER_AUTH_FAILED: { retryable: false, resumes: 'person' },
  BROKER_NOT_ALLOWED: { retryable: false, resumes: 'person' },
  KAFKA_ERROR: { retryable: true, resumes: 'auto' },
  CORRUPT_BATCH: { retryable: true, resumes: 'person' },
  UNSUPPORTED_BATCH: { retryable: false, resumes: 'person' },
  RECORD_TOO_LARGE: { retryable: false, resumes: 'person' },
  TOPIC_NOT_FOUND: { retryable: false, resumes: 'auto' },
  TOPIC_RECREATED: { retryable: false, resumes: 'person' },
  PARTITION_NOT_FOUND: { retryable: false, resumes: 'person' },
  LOG_TRUNCATED: { retryable: false, resumes: 'person' },
  OFFSET_OUT_OF_RANGE: { retryable: false, resumes: 'person' },
  TOO_MANY_BAD_ROWS: { retryable: false, resumes: 'person' },
  SCHEMA_MISMATCH: { retryable: false, resumes: 'person' },
  REGISTRY_UNREACHABLE: { retryable: true, resumes: 'auto' },
  REGISTRY_AUTH_FAILED: { retryable: false, resumes: 'person' },
  REGISTRY_NOT_ALLOWED: { retryable: false, resumes: 'person' },
  SINK_UNREACHABLE: { retryable: true, resumes: 'auto' },
  SINK_THROTTLED: { retryable: true, resumes: 'auto' },
  SINK_AUTH_FAILED: { retryable: false, resumes: 'person' },
  SINK_REJECTED: { retryable: false, resumes: 'person' },
  SINK_OUT_OF_SPACE: { retryable: true, resumes: 'auto' },
  DIRECTORY_NOT_ALLOWED: { retryable: false, resumes: 'person' },
  DEAD_LETTERS_UNAVAILABLE: { retryable: false, resumes: 'person' },
  SECRET_UNAVAILABLE: { retryable: true, resumes: 'auto' },
  SECRET_UNUSABLE: { retryable: false, resumes: 'person' },
  COMMIT_IN_DOUBT: { retryable: false, resumes: 'person' },
  OUT_OF_TIME: { retryable: true, resumes: 'auto' },
  LOADER_LOST: { retryable: true, resumes: 'auto' },
  STORE_UNAVAILABLE: { retryable: true, resumes: 'auto' },
  INTERNAL: { retryable: true, resumes: 'auto' },
} as const satisfies Record<string, { retryable: boolean; resumes: 'auto' | 'person' }>;

/** A code of the list above. */
export type FailureCode = keyof typeof FAILURES;

/** The codes as a non-empty tuple, for schemas. */
export const FAILURE_CODES = Object.keys(FAILURES) as [FailureCode, ...FailureCode[]];

/**
 * The one error that scheduling and loading raise on purpose.
 *
 * `message` says what, got and allowed, and never holds a secret; `facts` are the same as fields
 * for logs; `cause` is the error underneath.
 */
export class LoadFailure extends Error {
  readonly code: FailureCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: FailureCode,
    message: string,
    options: { cause?: unknown; facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'LoadFailure';
    this.code = code;
    this.facts = options.facts ?? {};
  }

  /** Whether the same task may be tried again. */
  get retryable(): boolean {
    return FAILURES[this.code].retryable;
  }
}

/** Any thrown value as a {@link LoadFailure}: unknown ones become `INTERNAL`, their cause kept. */
export function asLoadFailure(error: unknown): LoadFailure {
  if (error instanceof LoadFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LoadFailure('INTERNAL', `unexpected error: ${message}`, { cause: error });
}

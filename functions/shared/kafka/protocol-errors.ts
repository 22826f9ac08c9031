import { type FailureCode, LoadFailure } from '../domain/failure.ts';

/**
 * Error codes in Kafka's answers, as far as they can meet us: https://kafka.apache.org/protocol#protocol_error_codes.
 *
 * `passes`: the trouble is of the cluster's own and ends by itself, e.g. a leader that moves; fresh
 * metadata and a little time help.
 */
const PROTOCOL_ERRORS: Readonly<
  Record<number, { readonly name: string; readonly code: FailureCode; readonly passes: boolean }>
> = {
  1: { name: 'OFFSET_OUT_OF_RANGE', code: 'OFFSET_OUT_OF_RANGE', passes: false },
  2: { name: 'CORRUPT_MESSAGE', code: 'CORRUPT_BATCH', passes: false },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', code: 'TOPIC_NOT_FOUND', passes: true },
  5: { name: 'LEADER_NOT_AVAILABLE', code: 'KAFKA_ERROR', passes: true },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', code: 'KAFKA_ERROR', passes: true },
  7: { name: 'REQUEST_TIMED_OUT', code: 'KAFKA_ERROR', passes: true },
  9: { name: 'REPLICA_NOT_AVAILABLE', code: 'KAFKA_ERROR', passes: true },
  10: { name: 'MESSAGE_TOO_LARGE', code: 'RECORD_TOO_LARGE', passes: false },
  13: { name: 'NETWORK_EXCEPTION', code: 'KAFKA_ERROR', passes: true },
  17: { name: 'INVALID_TOPIC_EXCEPTION', code: 'TOPIC_NOT_FOUND', passes: false },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', code: 'BROKER_AUTH_FAILED', passes: false },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', code: 'BROKER_AUTH_FAILED', passes: false },
  35: { name: 'UNSUPPORTED_VERSION', code: 'KAFKA_ERROR', passes: false },
  56: { name: 'KAFKA_STORAGE_ERROR', code: 'KAFKA_ERROR', passes: true },
  74: { name: 'FENCED_LEADER_EPOCH', code: 'KAFKA_ERROR', passes: true },
  75: { name: 'UNKNOWN_LEADER_EPOCH', code: 'KAFKA_ERROR', passes: true },
  76: { name: 'UNSUPPORTED_COMPRESSION_TYPE', code: 'UNSUPPORTED_BATCH', passes: false },
  78: { name: 'OFFSET_NOT_AVAILABLE', code: 'KAFKA_ERROR', passes: true },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', code: 'KAFKA_ERROR', passes: true },
  100: { name: 'UNKNOWN_TOPIC_ID', code: 'TOPIC_RECREATED', passes: true },
  103: { name: 'INCONSISTENT_TOPIC_ID', code: 'TOPIC_RECREATED', passes: true },
};

/** Kafka's name of an error code, e.g. for a log line. */
function protocolErrorName(errorCode: number): string {
  return PROTOCOL_ERRORS[errorCode]?.name ?? `error code ${errorCode}`;
}

/** Whether fresh metadata and a little time can help. */
export function passesByItself(errorCode: number): boolean {
  return PROTOCOL_ERRORS[errorCode]?.passes ?? false;
}

/** An error code in an answer as the failure it means; `about` names what was asked, e.g. `offsets of flights-3`. */
export function protocolFailure(
  errorCode: number,
  about: string,
  facts: Readonly<Record<string, unknown>> = {},
): LoadFailure {
  const name = protocolErrorName(errorCode);
  return new LoadFailure(
    PROTOCOL_ERRORS[errorCode]?.code ?? 'KAFKA_ERROR',
    `the broker answered ${name} for ${about}`,
    { facts: { ...facts, errorCode, errorName: name } },
  );
}

import { LoadFailure } from '../domain/failure.ts';
import { OutcomeUnknown } from './tables.ts';

/** What DynamoDB's errors mean for a writer: surely not applied, or nobody knows. */

/** Refused before anything was done, however often it is asked. */
const SURELY_NOT_APPLIED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionCanceledException',
  'TransactionConflictException',
  'ResourceNotFoundException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'ItemCollectionSizeLimitExceededException',
]);

/** Mistakes of ours: repeating cannot help, and hiding them would. */
const OUR_MISTAKES: ReadonlySet<string> = new Set([
  'ValidationException',
  'IdempotentParameterMismatchException',
  'TypeError',
]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** A transaction that met another one on an item, or itself still under way: repeat it with the same token. */
export function isConflict(error: unknown): boolean {
  const name = nameOf(error);
  if (name === 'TransactionInProgressException') return true;
  if (name !== 'TransactionCanceledException') return false;
  const reasons =
    (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  const codes = reasons.map((reason) => reason.Code).filter((code) => code && code !== 'None');
  return codes.every((code) =>
    ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'].includes(
      code ?? '',
    ),
  );
}

/**
 * The error to raise for what the client threw: our own mistakes as they are, an unknown outcome of a write
 * as {@link OutcomeUnknown}, all else as STORE_UNAVAILABLE.
 */
export function asStoreError(error: unknown, during: 'read' | 'write'): unknown {
  const name = nameOf(error);
  if (OUR_MISTAKES.has(name)) return error;
  if (during === 'write' && !SURELY_NOT_APPLIED.has(name)) return new OutcomeUnknown(error);
  const message = error instanceof Error ? error.message : String(error);
  return new LoadFailure('STORE_UNAVAILABLE', `DynamoDB refused a ${during}: ${name} ${message}`, {
    cause: error,
  });
}

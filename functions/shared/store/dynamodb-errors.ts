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
  'ConditionalCheckFailedException',
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

/** Reasons for which a transaction is cancelled although it may well succeed a moment later. */
const PASSING_REASONS: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function cancellationCodes(error: unknown): string[] {
  const reasons =
    (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return reasons.map((reason) => reason.Code ?? 'None').filter((code) => code !== 'None');
}

/**
 * A write that met a transaction on its item, or its own earlier try still under way: the same write, a
 * transaction with the same token, may be repeated.
 */
export function isConflict(error: unknown): boolean {
  const name = nameOf(error);
  if (name === 'TransactionInProgressException' || name === 'TransactionConflictException') {
    return true;
  }
  if (name !== 'TransactionCanceledException') return false;
  const codes = cancellationCodes(error);
  return codes.length > 0 && codes.every((code) => PASSING_REASONS.has(code));
}

function isOurMistake(error: unknown): boolean {
  return OUR_MISTAKES.has(nameOf(error)) || cancellationCodes(error).includes('ValidationError');
}

/** Whether DynamoDB said that it did not apply the write. */
function surelyNotApplied(error: unknown): boolean {
  return SURELY_NOT_APPLIED.has(nameOf(error)) || isOurMistake(error);
}

/** The error to raise for what the client threw at a read: our own mistakes as they are, all else as STORE_UNAVAILABLE. */
export function asReadError(error: unknown): unknown {
  return isOurMistake(error) ? error : unavailable(error, 'read');
}

/**
 * The same for a write. Unless DynamoDB refused every single try, the outcome is unknown: the client
 * repeats silently, and what it throws is only the answer to the last try. An earlier one may have been
 * applied with its answer lost.
 *
 * @param tries the errors of all tries that the client made, as {@link recordTries} collects them
 */
export function asWriteError(error: unknown, tries: readonly unknown[]): unknown {
  if (![error, ...tries].every(surelyNotApplied)) return new OutcomeUnknown(error);
  return isOurMistake(error) ? error : unavailable(error, 'write');
}

function unavailable(error: unknown, during: 'read' | 'write'): LoadFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new LoadFailure(
    'STORE_UNAVAILABLE',
    `DynamoDB refused a ${during}: ${nameOf(error)} ${message}`,
    { cause: error },
  );
}

import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * What DynamoDB answers and DynamoDB Local never does, put into a real client below its retries: the SDK
 * parses these answers, judges them and repeats by its own rules.
 *
 * `…-after` lets DynamoDB Local apply the request first; `…-before` never sends it.
 */
export type ClientFault =
  | 'conflict'
  | 'in-progress'
  | 'throttle'
  | 'error-before'
  | 'error-after'
  | 'timeout-before'
  | 'timeout-after';

/** One try of a request; `number` counts all tries of the client from 0. */
export interface RequestTry {
  readonly number: number;
  /** E.g. `PutItemCommand`. */
  readonly command: string;
}

const PREFIX = 'com.amazonaws.dynamodb.v20120810#';

/** From now on the client's tries meet the faults that `choose` sends. */
export function injectFaults(
  client: DynamoDBClient,
  choose: (request: RequestTry) => ClientFault | undefined,
): void {
  let tries = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context.commandName);
      const fault = choose({ number: tries, command });
      tries += 1;
      if (fault === undefined) return next(args);
      if (fault.endsWith('-after')) await next(args);
      if (fault.startsWith('timeout')) throw timeout();
      return { response: answer(fault, command), output: undefined as never };
    },
    // Inside of what turns answers into errors, so that these answers are judged like any other.
    { step: 'deserialize', priority: 'low', name: 'injectFaults' },
  );
}

/** The n-th try meets the n-th fault of the list. */
export function faultsOfTries(...faults: readonly (ClientFault | undefined)[]) {
  return ({ number }: RequestTry): ClientFault | undefined => faults[number];
}

function timeout(): Error {
  const error = new Error('injected: socket timed out');
  error.name = 'TimeoutError';
  return error;
}

function answer(fault: ClientFault, command: string) {
  const isTransaction = command === 'TransactWriteItemsCommand';
  switch (fault) {
    case 'conflict':
      return isTransaction
        ? reply(400, 'TransactionCanceledException', {
            CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
          })
        : reply(400, 'TransactionConflictException');
    case 'in-progress':
      return reply(400, 'TransactionInProgressException');
    case 'throttle':
      return reply(400, 'ThrottlingException');
    default:
      return reply(500, 'InternalServerError');
  }
}

function reply(statusCode: number, type: string, fields: object = {}) {
  const text = JSON.stringify({ __type: PREFIX + type, message: `injected: ${type}`, ...fields });
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: new TextEncoder().encode(text),
  };
}

/** The SDK's standard retries without their waiting. */
export function impatientRetries(maxAttempts: number): DynamoDBClientConfig['retryStrategy'] {
  const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last, { errorType }) => {
      const count = last.getRetryCount() + 1;
      if (errorType === 'CLIENT_ERROR' || count >= maxAttempts) throw new Error('no more tries');
      return token(count);
    },
    recordSuccess: () => {},
  };
}

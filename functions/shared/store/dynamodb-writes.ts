import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { asStoreError, isConflict } from './dynamodb-errors.ts';
import type { DynamoDbTablesDeps } from './dynamodb-tables.ts';
import { toExpression } from './expression.ts';
import { marshall, unmarshall } from './marshall.ts';
import type { TableName, TransactionOutcome, Write, WriteOutcome } from './tables.ts';

/** The writing half of the DynamoDB adapter. */

const CONFLICT_TRIES = 8;
const CONFLICT_BACKOFF_MS = 20;

/** One conditional write. */
export async function sendWrite(deps: DynamoDbTablesDeps, write: Write): Promise<WriteOutcome> {
  const request = toRequest(deps.tableNames, write);
  const old = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  try {
    if (request.Put) await deps.client.send(new PutItemCommand({ ...request.Put, ...old }));
    else if (request.Update)
      await deps.client.send(new UpdateItemCommand({ ...request.Update, ...old }));
    else if (request.Delete)
      await deps.client.send(new DeleteItemCommand({ ...request.Delete, ...old }));
    else throw new TypeError('a check alone is not a write');
    return { applied: true };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { applied: false, old: error.Item && unmarshall(error.Item) };
    }
    throw asStoreError(error, 'write');
  }
}

/** One transaction, repeated with the same token while it meets others on an item. */
export async function sendTransaction(
  deps: DynamoDbTablesDeps,
  writes: readonly Write[],
  token: string,
): Promise<TransactionOutcome> {
  const command = new TransactWriteItemsCommand({
    TransactItems: writes.map((write) => toRequest(deps.tableNames, write)),
    ClientRequestToken: token,
  });
  for (let tries = 1; ; tries += 1) {
    try {
      await deps.client.send(command);
      return { applied: true };
    } catch (error) {
      const failed = failedConditions(error);
      if (failed.size > 0) return { applied: false, failed };
      if (!isConflict(error) || tries >= CONFLICT_TRIES) throw asStoreError(error, 'write');
      await deps.clock.sleep(CONFLICT_BACKOFF_MS * 2 ** tries * deps.random());
    }
  }
}

function failedConditions(error: unknown): ReadonlySet<number> {
  const failed = new Set<number>();
  if (!(error instanceof TransactionCanceledException)) return failed;
  (error.CancellationReasons ?? []).forEach((reason, i) => {
    if (reason.Code === 'ConditionalCheckFailed') failed.add(i);
  });
  return failed;
}

function toRequest(names: Readonly<Record<TableName, string>>, write: Write): TransactWriteItem {
  const { key } = write;
  const target = { TableName: names[key.table], Key: marshall({ pk: key.pk, sk: key.sk }) };
  switch (write.kind) {
    case 'put':
      return {
        Put: {
          TableName: target.TableName,
          Item: marshall(write.item),
          ...toExpression(write.condition),
        },
      };
    case 'update': {
      const { UpdateExpression = '', ...rest } = toExpression(write.condition, write);
      return { Update: { ...target, UpdateExpression, ...rest } };
    }
    case 'delete':
      return { Delete: { ...target, ...toExpression(write.condition) } };
    case 'check': {
      const { ConditionExpression = '', ...rest } = toExpression(write.condition);
      return { ConditionCheck: { ...target, ConditionExpression, ...rest } };
    }
  }
}

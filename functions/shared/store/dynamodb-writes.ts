import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDbTablesDeps } from './dynamodb-deps.ts';
import { asWriteError, isConflict } from './dynamodb-errors.ts';
import { toExpression } from './expression.ts';
import { marshall, unmarshall } from './marshall.ts';
import { recordTries } from './recorded-tries.ts';
import type { TableName, TransactionOutcome, Write, WriteOutcome } from './tables.ts';

/** The writing half of the DynamoDB adapter. */

const CONFLICT_TRIES = 8;
const CONFLICT_BACKOFF_MS = 20;

/** One conditional write, repeated while it meets a transaction on its item. */
export async function sendWrite(deps: DynamoDbTablesDeps, write: Write): Promise<WriteOutcome> {
  const command = toCommand(deps.tableNames, write);
  const tries = recordTries(command);
  try {
    await untilNoConflict(deps, () => send(deps.client, command));
    return { applied: true };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { applied: false, old: error.Item && unmarshall(error.Item) };
    }
    throw asWriteError(error, tries);
  }
}

type WriteCommand = PutItemCommand | UpdateItemCommand | DeleteItemCommand;

function toCommand(names: Readonly<Record<TableName, string>>, write: Write): WriteCommand {
  const { Put, Update, Delete } = toRequest(names, write);
  const old = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (Put) return new PutItemCommand({ ...Put, ...old });
  if (Update) return new UpdateItemCommand({ ...Update, ...old });
  if (Delete) return new DeleteItemCommand({ ...Delete, ...old });
  throw new TypeError('a check alone is not a write');
}

/** The client's `send` is overloaded by command and takes no union. */
function send(client: DynamoDBClient, command: WriteCommand): Promise<unknown> {
  if (command instanceof PutItemCommand) return client.send(command);
  if (command instanceof UpdateItemCommand) return client.send(command);
  return client.send(command);
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
  const tries = recordTries(command);
  try {
    await untilNoConflict(deps, () => deps.client.send(command));
    return { applied: true };
  } catch (error) {
    const failed = failedConditions(error);
    if (failed.size > 0) return { applied: false, failed };
    throw asWriteError(error, tries);
  }
}

async function untilNoConflict(
  { clock, random }: DynamoDbTablesDeps,
  attempt: () => Promise<unknown>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!isConflict(error) || tries >= CONFLICT_TRIES) throw error;
      await clock.sleep(CONFLICT_BACKOFF_MS * 2 ** tries * random());
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
          Item: marshall({ ...write.item, pk: key.pk, sk: key.sk }),
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

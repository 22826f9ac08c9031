import {
  type ConsumedCapacity,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/** Calls, and capacity units as DynamoDB counts and bills them: each item of a transaction twice. */
export interface Usage {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** A client that counts what its calls cost. */
export interface CountedClient {
  readonly client: DynamoDBClient;
  /** What was used since the last time. Calls that are under way count when they are answered. */
  take(): Usage;
}

const NOTHING: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };

/**
 * Counts what is called through a view of `client`, whose connections it shares: several views are counted apart.
 *
 * DynamoDB tells the units only of what it did. A conditional write that it refuses costs units, too, and is
 * counted as a call alone.
 *
 * @param options.transactionFactor 2 for DynamoDB Local, which counts the items of a transaction once. @default 1
 */
export function countUsage(
  client: DynamoDBClient,
  { transactionFactor = 1 }: { readonly transactionFactor?: number } = {},
): CountedClient {
  let used = NOTHING;
  const send = async (command: Parameters<DynamoDBClient['send']>[0]): Promise<unknown> => {
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    used = { ...used, calls: used.calls + 1 };
    const answer = await client.send(command);
    const factor = command instanceof TransactWriteItemsCommand ? transactionFactor : 1;
    const units = unitsOf(answer) * factor;
    const isRead = command instanceof GetItemCommand || command instanceof QueryCommand;
    used = isRead
      ? { ...used, readUnits: used.readUnits + units }
      : { ...used, writeUnits: used.writeUnits + units };
    return answer;
  };
  return {
    client: Object.assign(Object.create(client), { send }) as DynamoDBClient,
    take() {
      const taken = used;
      used = NOTHING;
      return taken;
    },
  };
}

/** One part for a call on an item, one for each table for a transaction. */
function unitsOf(answer: object): number {
  const { ConsumedCapacity: told } = answer as {
    readonly ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  };
  const parts = [told].flat();
  return parts.reduce((sum, part) => sum + (part?.CapacityUnits ?? 0), 0);
}

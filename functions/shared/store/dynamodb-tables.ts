import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDbTablesDeps } from './dynamodb-deps.ts';
import { asReadError } from './dynamodb-errors.ts';
import { sendTransaction, sendWrite } from './dynamodb-writes.ts';
import { marshall, unmarshall } from './marshall.ts';
import {
  INDEXES,
  InvalidCursor,
  type Item,
  type Page,
  type TableName,
  type Tables,
} from './tables.ts';

type QueryInput = Omit<QueryCommandInput, 'TableName'>;

/**
 * The {@link Tables} on DynamoDB. Transactions that conflict are repeated here with the same token, since
 * the SDK does not; everything else that can be repeated safely the SDK repeats.
 */
export function makeDynamoDbTables(deps: DynamoDbTablesDeps): Tables {
  const { client, tableNames } = deps;

  const page = (table: TableName, input: QueryInput, cursor?: string) =>
    readPage(client, { TableName: tableNames[table], ...input }, cursor);

  return {
    async get(key) {
      const answer = await client
        .send(
          new GetItemCommand({
            TableName: tableNames[key.table],
            Key: marshall({ pk: key.pk, sk: key.sk }),
            ConsistentRead: true,
          }),
        )
        .catch((error: unknown) => Promise.reject(asReadError(error)));
      return answer.Item && unmarshall(answer.Item);
    },

    query(table, pk, options = {}) {
      const prefix = options.skPrefix;
      return page(
        table,
        {
          ConsistentRead: true,
          KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :sk)' : 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': pk, ...(prefix && { ':sk': prefix }) }),
          ScanIndexForward: !options.newestFirst,
          ...(options.limit !== undefined && { Limit: options.limit }),
        },
        options.cursor,
      );
    },

    queryIndex(index, hash, options = {}) {
      const { table, hash: hashName, range } = INDEXES[index];
      const bounded = options.atMost !== undefined;
      return page(
        table,
        {
          IndexName: index,
          KeyConditionExpression: bounded ? '#h = :h AND #r <= :r' : '#h = :h',
          ExpressionAttributeNames: { '#h': hashName, ...(bounded && { '#r': range }) },
          ExpressionAttributeValues: marshall({
            ':h': hash,
            ...(options.atMost !== undefined && { ':r': options.atMost }),
          }),
          ScanIndexForward: !options.newestFirst,
          ...(options.limit !== undefined && { Limit: options.limit }),
        },
        options.cursor,
      );
    },

    write: (write) => sendWrite(deps, write),
    transact: (writes, token) => sendTransaction(deps, writes, token),
  };
}

async function readPage(
  client: DynamoDBClient,
  input: QueryCommandInput,
  cursor: string | undefined,
): Promise<Page> {
  const start = cursor === undefined ? {} : { ExclusiveStartKey: startKey(cursor) };
  const answer = await client
    .send(new QueryCommand({ ...input, ...start }))
    .catch((error: unknown) => Promise.reject(asQueryError(error, cursor)));
  return {
    items: (answer.Items ?? []).map(unmarshall),
    cursor: answer.LastEvaluatedKey && JSON.stringify(unmarshall(answer.LastEvaluatedKey)),
  };
}

/** Cursors pass through users' hands: what is not a flat object of keys is refused here, the rest by DynamoDB. */
function startKey(cursor: string): Record<string, AttributeValue> {
  try {
    return marshall(JSON.parse(cursor) as Item);
  } catch (error) {
    throw new InvalidCursor(error);
  }
}

function asQueryError(error: unknown, cursor: string | undefined): unknown {
  const refused = error instanceof Error && error.name === 'ValidationException';
  return refused && cursor !== undefined ? new InvalidCursor(error) : asReadError(error);
}

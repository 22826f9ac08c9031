import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { INDEXES, type TableName } from '#shared/store/tables.ts';

/** The names of the two tables. */
export interface TableNames {
  readonly jobsTable: string;
  readonly tasksTable: string;
}

/** Number attributes; all other index attributes are strings. */
const NUMBERS: ReadonlySet<string> = new Set(['dueAt', 'createdAt']);

/**
 * Creates both tables where they are missing, as the stack does: on demand, with the sparse indexes, the
 * Tasks stream (NEW_IMAGE) and its time to live.
 *
 * @returns the ARN of the Tasks stream
 */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<string> {
  await createIfMissing(client, tableInput('jobs', names.jobsTable));
  await createIfMissing(client, {
    ...tableInput('tasks', names.tasksTable),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  });
  const described = await client.send(new DescribeTableCommand({ TableName: names.tasksTable }));
  const stream = described.Table?.LatestStreamArn;
  if (!stream) throw new Error(`table ${names.tasksTable} must have a stream, got none`);
  return stream;
}

function tableInput(table: TableName, name: string): CreateTableCommandInput {
  const indexes = Object.entries(INDEXES).filter(([, index]) => index.table === table);
  const attributes = new Set([
    'pk',
    'sk',
    ...indexes.flatMap(([, { hash, range }]) => [hash, range]),
  ]);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [...attributes].map((attribute) => ({
      AttributeName: attribute,
      AttributeType: NUMBERS.has(attribute) ? 'N' : 'S',
    })),
    GlobalSecondaryIndexes: indexes.map(([index, { hash, range }]) => ({
      IndexName: index,
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: range, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
  };
}

async function createIfMissing(
  client: DynamoDBClient,
  input: CreateTableCommandInput,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (error instanceof ResourceInUseException) return;
    throw error;
  }
  if (!input.StreamSpecification) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: input.TableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
    }),
  );
}

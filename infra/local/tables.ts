import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { TableName } from '#shared/store/tables.ts';
import {
  STREAM_VIEW,
  type TableShape,
  TTL_ATTRIBUTE,
  tableShape,
} from '../settings/table-shapes.ts';

/** The names of the two tables. */
export interface TableNames {
  readonly jobsTable: string;
  readonly tasksTable: string;
}

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
    StreamSpecification: { StreamEnabled: true, StreamViewType: STREAM_VIEW },
  });
  await enableExpiry(client, names.tasksTable);
  const described = await client.send(new DescribeTableCommand({ TableName: names.tasksTable }));
  const stream = described.Table?.LatestStreamArn;
  if (!stream) throw new Error(`table ${names.tasksTable} must have a stream, got none`);
  return stream;
}

function tableInput(table: TableName, name: string): CreateTableCommandInput {
  const { hash, range, indexes } = tableShape(table);
  const keys = [hash, range, ...indexes.flatMap((index) => [index.hash, index.range])];
  const types = new Map(keys.map(({ name, type }) => [name, type]));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema({ hash, range }),
    AttributeDefinitions: [...types].map(([attribute, type]) => ({
      AttributeName: attribute,
      AttributeType: type,
    })),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
  };
}

function keySchema({ hash, range }: Pick<TableShape, 'hash' | 'range'>): KeySchemaElement[] {
  return [
    { AttributeName: hash.name, KeyType: 'HASH' },
    { AttributeName: range.name, KeyType: 'RANGE' },
  ];
}

async function createIfMissing(
  client: DynamoDBClient,
  input: CreateTableCommandInput,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

/** Also where the table is there already: whoever made it may have been killed right after. */
async function enableExpiry(client: DynamoDBClient, TableName: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (TimeToLiveDescription?.AttributeName === TTL_ATTRIBUTE) return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: TTL_ATTRIBUTE };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

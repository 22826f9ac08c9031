import { randomUUID } from 'node:crypto';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { type Clock, systemClock } from '#shared/clock.ts';
import { makeDynamoDbTables } from '#shared/store/dynamodb-tables.ts';
import type { Tables } from '#shared/store/tables.ts';
import { createTables, type TableNames } from '../../infra/local/tables.ts';

/** Real tables, new and empty, on DynamoDB Local. */
export interface FreshTables {
  readonly tables: Tables;
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly jobsTable: string;
  readonly tasksTable: string;
  /** ARN of the Tasks stream. */
  readonly streamArn: string;
}

/** A client of DynamoDB Local, which takes any credentials. */
export function localClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: inject('dynamodbEndpoint'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...config,
  });
}

/** New tables, which end with DynamoDB Local. */
export async function freshTables(
  options: {
    readonly client?: DynamoDBClient;
    readonly clock?: Clock;
    /** Other tables' names, for a second way to them. @default names that nobody else uses */
    readonly names?: TableNames;
  } = {},
): Promise<FreshTables> {
  const { client = localClient(), clock = systemClock } = options;
  const id = randomUUID();
  const { jobsTable, tasksTable } = options.names ?? {
    jobsTable: `jobs-${id}`,
    tasksTable: `tasks-${id}`,
  };
  const streamArn = await createTables(client, { jobsTable, tasksTable });
  const tables = makeDynamoDbTables({
    client,
    tableNames: { jobs: jobsTable, tasks: tasksTable },
    clock,
    random: () => 0.5,
  });
  return { tables, client, endpoint: inject('dynamodbEndpoint'), jobsTable, tasksTable, streamArn };
}

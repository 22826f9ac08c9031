import { randomUUID } from 'node:crypto';
import { systemClock } from '#shared/clock.ts';
import { connectDynamoDb } from '#shared/store/connect.ts';
import { countUsage, type Usage } from '#shared/store/counted-client.ts';
import { makeDynamoDbTables } from '#shared/store/dynamodb-tables.ts';
import type { Tables } from '#shared/store/tables.ts';
import { createTables } from '../infra/local/tables.ts';

/** New tables whose cost is counted. */
export interface MeasuredTables {
  readonly tables: Tables;
  take(): Usage;
}

/** New tables on DynamoDB Local, counting what every call costs. */
export async function makeMeasuredTables(endpoint: string): Promise<MeasuredTables> {
  const client = connectDynamoDb(endpoint, process.env);
  const id = randomUUID();
  await createTables(client, { jobsTable: `jobs-${id}`, tasksTable: `tasks-${id}` });
  const counted = countUsage(client, { transactionFactor: 2 });
  const tables = makeDynamoDbTables({
    client: counted.client,
    tableNames: { jobs: `jobs-${id}`, tasks: `tasks-${id}` },
    clock: systemClock,
    random: Math.random,
  });
  return { tables, take: counted.take };
}

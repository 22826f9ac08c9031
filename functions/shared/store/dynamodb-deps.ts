import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import type { TableName } from './tables.ts';

/** What the adapter needs. `random` gives [0, 1): conflicting transactions back off with jitter. */
export interface DynamoDbTablesDeps {
  readonly client: DynamoDBClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly clock: Clock;
  readonly random: () => number;
}

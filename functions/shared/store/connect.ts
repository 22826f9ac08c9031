import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsTimeLimits } from '../aws-time-limits.ts';
import { systemClock } from '../clock.ts';
import type { Installation } from '../installation.ts';
import { makeDynamoDbTables } from './dynamodb-tables.ts';
import type { Tables } from './tables.ts';

/** Where the tables are. */
export type TablesConfig = Pick<Installation, 'JOBS_TABLE' | 'TASKS_TABLE' | 'DYNAMODB_ENDPOINT'>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A store that does not answer must not eat a function's time: with the SDK's own retries these bound a
 * call to about 20 s, and a healthy DynamoDB answers in milliseconds.
 */
const CONNECT_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 4;

/**
 * The tables that `config` names, over one client that keeps its connections. Make it once per function.
 *
 * Region and credentials are those of the environment, found by the SDK; only for an endpoint on this
 * very machine, and where the environment has none, stand-ins are used: DynamoDB Local takes any.
 */
export function connectTables(config: TablesConfig, environment: Environment): Tables {
  return tablesOver(connectDynamoDb(config.DYNAMODB_ENDPOINT, environment), config);
}

/** The same over a client that is there already, e.g. one that counts. */
export function tablesOver(
  client: DynamoDBClient,
  config: Pick<TablesConfig, 'JOBS_TABLE' | 'TASKS_TABLE'>,
): Tables {
  return makeDynamoDbTables({
    client,
    tableNames: { jobs: config.JOBS_TABLE, tasks: config.TASKS_TABLE },
    clock: systemClock,
    random: Math.random,
  });
}

/** The client alone, by the same rules; without an endpoint it is the region's DynamoDB. */
export function connectDynamoDb(
  endpoint: string | undefined,
  environment: Environment,
): DynamoDBClient {
  return new DynamoDBClient({
    ...(environment.AWS_REGION && { region: environment.AWS_REGION }),
    ...(endpoint && { endpoint }),
    ...(endpoint && isLoopback(endpoint) && standIns(environment)),
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      ...awsTimeLimits({ connectMs: CONNECT_TIMEOUT_MS, requestMs: REQUEST_TIMEOUT_MS }),
      httpAgent: { keepAlive: true },
      httpsAgent: { keepAlive: true },
    },
  });
}

function standIns(environment: Environment) {
  return {
    ...(!environment.AWS_REGION && { region: 'us-east-1' }),
    ...(!hasCredentials(environment) && {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  };
}

function hasCredentials(environment: Environment): boolean {
  return [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
  ].some((name) => environment[name]);
}

function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

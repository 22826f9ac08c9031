import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { startDynamoDbLocal } from './dynamodb.ts';
import { startBroker } from './kafka/start-broker.ts';
import { keptPort } from './kept-port.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from './local-credentials.ts';
import type { LocalFolders, LocalSettings } from './local-settings.ts';
import { createTables } from './tables.ts';

/** Told how to stop what was started. */
export type StopLater = (stop: () => Promise<unknown>) => void;

/** The tables, made if they are missing, and a client of their stream. */
export async function openStream(
  settings: LocalSettings,
  endpoint: string,
): Promise<{ streams: DynamoDBStreamsClient; streamArn: string }> {
  const config = { endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS };
  const dynamodb = new DynamoDBClient(config);
  try {
    const streamArn = await createTables(dynamodb, {
      jobsTable: settings.JOBS_TABLE,
      tasksTable: settings.TASKS_TABLE,
    });
    return { streams: new DynamoDBStreamsClient(config), streamArn };
  } finally {
    dynamodb.destroy();
  }
}

/** DynamoDB Local and the broker, both at once; or those that run already. */
export async function startServers(
  settings: LocalSettings,
  folders: LocalFolders,
  stopLater: StopLater,
): Promise<{ endpoint: string; brokers: readonly string[] }> {
  const startTables = async () => {
    if (settings.DYNAMODB_ENDPOINT) return settings.DYNAMODB_ENDPOINT;
    await mkdir(folders.dynamodb, { recursive: true });
    const port = await keptPort(join(folders.dynamodb, 'port'));
    const server = await startDynamoDbLocal({ directory: folders.dynamodb, port });
    stopLater(() => server.stop());
    return server.endpoint;
  };
  const startKafka = async () => {
    if (settings.KAFKA_BROKERS) return settings.KAFKA_BROKERS;
    const broker = await startBroker({ directory: folders.broker });
    stopLater(() => broker.stop());
    return [broker.bootstrap];
  };
  const [tables, kafka] = await Promise.allSettled([startTables(), startKafka()]);
  if (tables.status === 'rejected') throw tables.reason;
  if (kafka.status === 'rejected') throw kafka.reason;
  return { endpoint: tables.value, brokers: kafka.value };
}

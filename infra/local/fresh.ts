import { rm } from 'node:fs/promises';
import {
  DeleteTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { demoKafka } from './demo/kafka-client.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from './local-credentials.ts';
import type { LocalFolders, LocalSettings } from './local-settings.ts';

/**
 * Throws away what earlier runs left: our folders, and where servers are used that are not ours, our
 * tables and the topics named here.
 */
export async function beginAnew(
  settings: LocalSettings,
  folders: LocalFolders,
  topics: readonly string[],
): Promise<void> {
  const { dynamodb, broker, tables, logs, serversFile } = folders;
  for (const path of [dynamodb, broker, tables, logs, serversFile]) {
    await rm(path, { recursive: true, force: true });
  }
  if (settings.DYNAMODB_ENDPOINT) {
    await deleteTables(settings.DYNAMODB_ENDPOINT, [settings.JOBS_TABLE, settings.TASKS_TABLE]);
  }
  if (settings.KAFKA_BROKERS) await deleteTopics(settings.KAFKA_BROKERS, topics);
}

async function deleteTables(endpoint: string, tables: readonly string[]): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: LOCAL_REGION,
    credentials: LOCAL_CREDENTIALS,
  });
  try {
    for (const TableName of tables) {
      await client.send(new DeleteTableCommand({ TableName })).catch((error: unknown) => {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      });
    }
  } finally {
    client.destroy();
  }
}

async function deleteTopics(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const admin = demoKafka(brokers).admin();
  await admin.connect();
  try {
    const present = new Set(await admin.listTopics());
    const ours = topics.filter((topic) => present.has(topic));
    if (ours.length > 0) await admin.deleteTopics({ topics: ours });
  } finally {
    await admin.disconnect();
  }
}

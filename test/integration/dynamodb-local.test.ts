import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDynamoDbLocal } from '../../infra/local/dynamodb.ts';
import { freePorts } from '../../infra/local/free-port.ts';

let directory: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dynamodb-local-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(directory, { recursive: true, force: true });
});

test('tables in a directory survive kill -9, on the same port', async () => {
  const [port] = await freePorts(1);
  const first = await startDynamoDbLocal({ directory, port });
  cleanups.push(() => first.stop());
  const client = new DynamoDBClient({
    endpoint: first.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  cleanups.push(async () => client.destroy());
  const item = { pk: { S: 'a' } };
  await client.send(
    new CreateTableCommand({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  await client.send(new PutItemCommand({ TableName: 'kept', Item: item }));

  // Not awaited: the second one has to wait for the port by itself.
  const killed = first.kill();
  const second = await startDynamoDbLocal({ directory, port });
  cleanups.push(() => second.stop());
  await killed;

  const found = await client.send(new GetItemCommand({ TableName: 'kept', Key: item }));
  expect(found.Item).toEqual(item);
});

import { randomUUID } from 'node:crypto';
import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { createTables } from '../../infra/local/tables.ts';
import { TTL_ATTRIBUTE } from '../../infra/settings/table-shapes.ts';
import { localClient } from '../support/tables.ts';

test('a run that was killed between a table and its expiry leaves tables that forget finished tasks all the same', async () => {
  const id = randomUUID();
  const names = { jobsTable: `jobs-${id}`, tasksTable: `tasks-${id}` };
  const client = localClient();
  const send = client.send.bind(client);
  const dying = localClient();
  dying.send = (async (command: Parameters<typeof send>[0]) => {
    if (command instanceof UpdateTimeToLiveCommand) throw new Error('killed');
    return send(command);
  }) as typeof dying.send;
  await expect(createTables(dying, names)).rejects.toThrow('killed');

  await createTables(client, names);

  const { TimeToLiveDescription } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: names.tasksTable }),
  );
  expect(TimeToLiveDescription?.AttributeName).toBe(TTL_ATTRIBUTE);
  client.destroy();
  dying.destroy();
});

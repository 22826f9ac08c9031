import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { expect, it } from 'vitest';
import { advanceLane } from '#shared/store/finish.ts';
import { releaseTask, reofferLostTask, touchPendingTask } from '#shared/store/task-offers.ts';
import { claimTask, recordDecision } from '#shared/store/tasks.ts';
import {
  exampleDecision,
  exampleError,
  exampleTask,
  NOW,
  newId,
  plannedTask,
  runningTask,
  taskNow,
} from '../support/store-examples.ts';
import { type FreshTables, freshTables } from '../support/tables.ts';

/** What the Tasks stream shows: a write that changes nothing makes no record, and the pipe would hear nothing. */

/** Statuses of all records until now, in order. */
async function streamed({ endpoint, streamArn }: FreshTables): Promise<unknown[]> {
  const streams = new DynamoDBStreamsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { StreamDescription } = await streams.send(
    new DescribeStreamCommand({ StreamArn: streamArn }),
  );
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  streams.destroy();
  return Records.map((record) => record.dynamodb?.NewImage?.status?.S);
}

/** The stream lags a few ms behind the table: a last write of its own marks the end. */
async function streamedUpTo(fresh: FreshTables): Promise<unknown[]> {
  const key = { table: 'tasks', pk: 'end', sk: newId() } as const;
  await fresh.tables.write({ kind: 'put', key, item: { status: 'END' }, condition: [] });
  return expect
    .poll(() => streamed(fresh), { timeout: 20_000, interval: 20 })
    .toContain('END')
    .then(() => streamed(fresh))
    .then((statuses) => statuses.filter((status) => status !== 'END'));
}

it('F3: touching a PENDING task makes a record even when its time stands still', async () => {
  const fresh = await freshTables();
  const { task } = await plannedTask(fresh.tables);
  await touchPendingTask(fresh.tables, task, task.offeredAt);
  await touchPendingTask(fresh.tables, await taskNow(fresh.tables, task), task.offeredAt);
  expect(await streamedUpTo(fresh)).toEqual(['PENDING', 'PENDING', 'PENDING']);
});

it('F3: a lost task, and one that is given back, is offered by a record with status PENDING', async () => {
  const fresh = await freshTables();
  const { tables } = fresh;
  const { task } = await runningTask(tables);
  const error = exampleError(task);
  await reofferLostTask(tables, task, { error, now: NOW });
  const again = await claimTask(tables, await taskNow(tables, task), {
    owner: 'second',
    leaseUntil: NOW,
  });
  await releaseTask(tables, again ?? task, { error, notBefore: NOW });
  expect(await streamedUpTo(fresh)).toEqual([
    'PENDING',
    'RUNNING',
    'PENDING',
    'RUNNING',
    'PENDING',
  ]);
});

it('a successor for the stream makes a record with status PENDING, one that is claimed does not', async () => {
  const fresh = await freshTables();
  const { tables } = fresh;
  for (const fields of [{}, { status: 'RUNNING', attempt: 1, owner: 'me' }] as const) {
    const { lane, task } = await runningTask(tables);
    const decision = exampleDecision(task);
    await recordDecision(tables, task, decision);
    await advanceLane(tables, {
      lane,
      task,
      decision,
      errorWindow: { rows: 5, bad: 0 },
      ends: lane.ends,
      successor: exampleTask(lane, fields),
      now: NOW,
      token: newId(),
      retentionDays: 7,
    });
  }
  const statuses = await streamedUpTo(fresh);
  // Twice planned, claimed, decided, done; once a successor for the stream.
  expect(statuses.filter((status) => status === 'PENDING')).toHaveLength(3);
  expect(statuses.filter((status) => status === 'DONE')).toHaveLength(2);
});

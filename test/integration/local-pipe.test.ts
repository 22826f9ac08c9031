import { randomUUID } from 'node:crypto';
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { type Pipe, startPipe } from '../../infra/local/pipe.ts';
import { PIPE_FILTER_CRITERIA } from '../../infra/settings/dispatch.ts';
import { freshTables } from '../support/tables.ts';

/** Other tests keep the machine busy. */
const PATIENCE = { timeout: 20_000 };

const pipes: Pipe[] = [];

afterEach(async () => {
  await Promise.all(pipes.splice(0).map((pipe) => pipe.close()));
});

async function setup() {
  const { client, endpoint, tasksTable, streamArn } = await freshTables();
  const streams = new DynamoDBStreamsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const put = (sk: string, status: string) =>
    client.send(
      new PutItemCommand({
        TableName: tasksTable,
        Item: { pk: { S: 'job' }, sk: { S: sk }, status: { S: status } },
      }),
    );
  const touch = (sk: string, offers: number) =>
    client.send(
      new UpdateItemCommand({
        TableName: tasksTable,
        Key: { pk: { S: 'job' }, sk: { S: sk } },
        UpdateExpression: 'SET offers = :offers',
        ExpressionAttributeValues: { ':offers': { N: String(offers) } },
      }),
    );
  /** Starts a pipe and gives what it delivers, batch by batch. */
  const pipe = (target: (records: DynamoDBRecord[]) => Promise<void> = async () => undefined) => {
    const batches: DynamoDBRecord[][] = [];
    const errors: unknown[] = [];
    pipes.push(
      startPipe({
        streams,
        streamArn,
        filter: PIPE_FILTER_CRITERIA,
        target: async (inputs) => {
          const records = inputs as DynamoDBRecord[];
          await target(records);
          batches.push(records);
        },
        clock: systemClock,
        onError: (error) => errors.push(error),
        idleMs: 10,
      }),
    );
    return { batches, errors, tasks: () => batches.map(([record]) => taskOf(record)) };
  };
  return { put, touch, pipe };
}

const taskOf = (record: DynamoDBRecord | undefined) => record?.dynamodb?.Keys?.sk?.S;

it('a pipe hands over every task that waits, one by one and in order, and no other', async () => {
  const { put, pipe } = await setup();
  const { batches, tasks, errors } = pipe();
  for (const [i, status] of ['PENDING', 'RUNNING', 'PENDING', 'DONE', 'PENDING'].entries()) {
    await put(`task-${i}`, status);
  }
  await expect.poll(tasks, PATIENCE).toEqual(['task-0', 'task-2', 'task-4']);
  expect(batches.every((records) => records.length === 1)).toBe(true);
  expect(batches[0]?.[0]).toMatchObject({
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: { NewImage: { status: { S: 'PENDING' } }, StreamViewType: 'NEW_IMAGE' },
  });
  expect(errors).toEqual([]);
});

it('a task that is offered again is handed over again, one that is touched without a change is not', async () => {
  const { put, touch, pipe } = await setup();
  const { tasks } = pipe();
  await put('a', 'PENDING');
  await touch('a', 2);
  await touch('a', 2);
  await put('last', 'PENDING');
  await expect.poll(tasks, PATIENCE).toEqual(['a', 'a', 'last']);
});

it('a pipe that starts later hands over what the stream holds', async () => {
  const { put, pipe } = await setup();
  const earlier = pipe();
  await put('before', 'PENDING');
  await expect.poll(earlier.tasks, PATIENCE).toEqual(['before']);
  await pipes[0]?.close();
  await put('between', 'PENDING');
  expect(earlier.tasks()).toEqual(['before']);
  await expect.poll(pipe().tasks, PATIENCE).toEqual(['before', 'between']);
});

it('a target without room holds the pipe up, and nothing is lost', async () => {
  const { put, pipe } = await setup();
  const room = Promise.withResolvers<void>();
  const { tasks } = pipe(() => room.promise);
  const names = Array.from({ length: 30 }, () => randomUUID());
  for (const name of names) await put(name, 'PENDING');
  expect(tasks()).toEqual([]);
  room.resolve();
  await expect.poll(tasks, PATIENCE).toEqual(names);
});

it('F4: a target that fails gets the record again', async () => {
  const { put, pipe } = await setup();
  let failures = 1;
  const { tasks, errors } = pipe(async () => {
    failures -= 1;
    if (failures === 0) throw new Error('no');
  });
  await put('a', 'PENDING');
  await put('b', 'PENDING');
  await expect.poll(tasks, PATIENCE).toEqual(['a', 'b']);
  expect(errors).toEqual([new Error('no')]);
});

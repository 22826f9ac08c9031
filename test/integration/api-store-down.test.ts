import { expect, test } from 'vitest';
import { connectTables } from '../../functions/shared/store/connect.ts';
import { OutcomeUnknown, type Tables } from '../../functions/shared/store/tables.ts';
import { freePorts } from '../../infra/local/free-port.ts';
import { apiOver, smallSpec, toReply } from '../support/api-calls.ts';
import { freshTables } from '../support/tables.ts';

test('a store that does not answer is a 503 that says when to come back, and is logged', async () => {
  const [port] = await freePorts(1);
  const config = {
    JOBS_TABLE: 'jobs',
    TASKS_TABLE: 'tasks',
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  const { call, logged } = apiOver(connectTables(config, {}));

  const reply = await call('GET /health');

  expect(reply).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5', 'content-type': 'application/problem+json' },
    body: { code: 'STORE_UNAVAILABLE' },
  });
  expect(reply.text).not.toContain(String(port));
  expect(logged[0]?.facts.requestId).toBe(reply.body.requestId);
  expect(String(logged[0]?.facts.error)).toContain(`ECONNREFUSED`);
});

test('a change whose fate the store does not tell is a 503 that says so', async () => {
  const { tables } = await freshTables();
  await apiOver(tables).call('POST /jobs', { body: smallSpec('unsure') });
  const silent: Tables = {
    ...tables,
    transact: () => Promise.reject(new OutcomeUnknown(new Error('socket hang up'))),
  };

  const reply = await apiOver(silent).call('POST /jobs/unsure/pause');

  expect([reply.status, reply.body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
  expect(reply.body.detail).toContain('did not say whether');
});

test('an error that nobody foresaw is a 500 without its words', async () => {
  const { tables } = await freshTables();
  const broken: Tables = { ...tables, get: () => Promise.reject(new Error('hunter2 at /home/x')) };
  const { call, logged } = apiOver(broken);

  const reply = await call('GET /jobs/some');

  expect([reply.status, reply.body.code]).toEqual([500, 'INTERNAL']);
  expect(reply.text).not.toMatch(/hunter2|home/);
  expect(String(logged[0]?.facts.error)).toContain('hunter2');
});

test('the deployed handler finds its tables by the environment', async () => {
  const { endpoint, jobsTable, tasksTable } = await freshTables();
  Object.assign(process.env, {
    JOBS_TABLE: jobsTable,
    TASKS_TABLE: tasksTable,
    DYNAMODB_ENDPOINT: endpoint,
    FILE_DIRECTORIES: '/data/tables',
  });
  const { handler } = await import('../../functions/api/handler.ts');
  const { toGatewayEvent } = await import('../../infra/local/gateway-event.ts');
  const event = toGatewayEvent({
    method: 'POST',
    target: '/jobs',
    headers: { 'content-type': ['application/json'] },
    body: Buffer.from(JSON.stringify(smallSpec('deployed'))),
    sourceIp: '127.0.0.1',
    requestId: 'r-1',
    now: 0,
  });
  const inStage = {
    ...event,
    rawPath: '/prod/jobs',
    requestContext: { ...event.requestContext, stage: 'prod' },
  };

  const reply = toReply(await handler(inStage, {} as never));

  expect(reply.status).toBe(201);
  expect(reply.headers.location).toBe(`/prod/jobs/${reply.body.id}`);
});

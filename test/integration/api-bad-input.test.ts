import { beforeAll, describe, expect, test } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import {
  type ApiReply,
  apiOver,
  type Call,
  type CallOptions,
  smallSpec,
} from '../support/api-calls.ts';
import { freshTables } from '../support/tables.ts';

let tables: Tables;
let call: Call;
let id: string;

beforeAll(async () => {
  tables = (await freshTables()).tables;
  call = apiOver(tables).call;
  id = (await call('POST /jobs', { body: smallSpec('present') })).body.id;
});

function faults({ body }: ApiReply): [string, string][] {
  return body.errors.map(
    ({ pointer, parameter, header, detail }: Record<string, string>) =>
      [pointer ?? parameter ?? header, detail] as [string, string],
  );
}

/** `smallSpec` with one place of it replaced. */
function specWith(path: string, value: unknown): object {
  const spec = structuredClone(smallSpec('faulty')) as Record<string, unknown>;
  const parts = path.split('.');
  let place = spec;
  for (const part of parts.slice(0, -1)) {
    place[part] ??= {};
    place = place[part] as Record<string, unknown>;
  }
  const last = parts.at(-1)!;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return spec;
}

describe('a faulty specification', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka';

  test.each<[string, string, unknown, string, string]>([
    ['no name', 'name', undefined, '/name', 'is required: a string'],
    ['a name of a wrong type', 'name', 5, '/name', 'must be a string, got 5'],
    ['a name with a space', 'name', 'a b', '/name', 'must be 1-64 of A-Z a-z 0-9 _ -'],
    ['no source', 'source', undefined, '/source', 'is required: an object'],
    ['a list for an object', 'source.kafka', [], '/source/kafka', 'must be an object, got a list'],
    [
      'an illegal topic',
      'source.kafka.topic',
      'a/b',
      '/source/kafka/topic',
      'must be 1-249 of A-Z a-z 0-9 . _ -',
    ],
    [
      'neither brokers nor cluster',
      'source.kafka.brokers',
      undefined,
      '/source/kafka/brokers',
      'exactly one of clusterArn and brokers must be given',
    ],
    [
      'a broker without port',
      'source.kafka.brokers',
      ['b-1.kafka.test'],
      '/source/kafka/brokers/0',
      'must be host:port',
    ],
    [
      'a port beyond all ports',
      'source.kafka.brokers',
      ['b-1.kafka.test:70000'],
      '/source/kafka/brokers/0',
      'a broker must be host:port, got b-1.kafka.test:70000',
    ],
    [
      'a broker that is not allowed',
      'source.kafka.brokers',
      ['b-1.kafka.test:9092', 'evil.test:9092'],
      '/source/kafka/brokers/1',
      'broker evil.test is not on the list of allowed brokers, allowed: 127.0.0.1, *.kafka.test',
    ],
    [
      'an unknown field',
      'source.kafka.topics',
      'a',
      '/source/kafka/topics',
      'is not a known field',
    ],
    ['a field with odd characters', 'a/b~c', 1, '/a~1b~0c', 'is not a known field'],
    [
      'an unknown mechanism',
      'source.kafka.auth',
      { mechanism: 'kerberos' },
      '/source/kafka/auth/mechanism',
      'must be one of "none", "tls", "mtls", "aws-msk-iam", "scram-sha-512", "scram-sha-256", "plain"',
    ],
    [
      'no mechanism',
      'source.kafka.auth',
      {},
      '/source/kafka/auth/mechanism',
      'is required: one of "none", "tls", "mtls", "aws-msk-iam", "scram-sha-512", "scram-sha-256", "plain"',
    ],
    [
      'a password',
      'source.kafka.auth',
      { mechanism: 'plain', secretArn: secret, password: 'hunter2' },
      '/source/kafka/auth/password',
      'is not a known field',
    ],
    [
      'a secret where its ARN belongs',
      'source.kafka.auth',
      { mechanism: 'plain', secretArn: 'hunter2' },
      '/source/kafka/auth/secretArn',
      'must be the ARN of a Secrets Manager secret',
    ],
    [
      'offsets of no form',
      'source.kafka.startOffsets',
      'newest',
      '/source/kafka/startOffsets',
      'must be "earliest", "latest", {"timestamp": "2026-01-01T00:00:00Z"} or {"<partition>": "<offset>" | "earliest" | "latest"}',
    ],
    [
      'an offset that is a number',
      'source.kafka.startOffsets',
      { 0: 12 },
      '/source/kafka/startOffsets/0',
      'must be "earliest", or must be "latest", or must be a string, got 12',
    ],
    [
      'an offset of more than 64 bits',
      'source.kafka.startOffsets',
      { 0: '9223372036854775808' },
      '/source/kafka/startOffsets/0',
      'must fit 64 bits',
    ],
    [
      'a partition that is none',
      'source.kafka.startOffsets',
      { a: '1' },
      '/source/kafka/startOffsets/a',
      'as a field name must be a partition number',
    ],
    [
      'a time that is none',
      'source.kafka.startOffsets',
      { timestamp: 'now' },
      '/source/kafka/startOffsets/timestamp',
      'must be a time like "2026-01-01T00:00:00Z"',
    ],
    ['a negative limit', 'batch.maxRows', -1, '/batch/maxRows', 'must be at least 1, got -1'],
    [
      'a limit with a fraction',
      'batch.maxIntervalSeconds',
      1.5,
      '/batch/maxIntervalSeconds',
      'must be a whole number, got 1.5',
    ],
    [
      'more rows than allowed',
      'batch.maxRows',
      1_000_001,
      '/batch/maxRows',
      'must be at most 1000000 in this installation, got 1000001',
    ],
    [
      'more bytes than allowed',
      'batch.maxBytes',
      2_000_000_000,
      '/batch/maxBytes',
      'must be at most 1073741824 in this installation, got 2000000000',
    ],
    [
      'too much concurrency',
      'desiredConcurrency',
      257,
      '/desiredConcurrency',
      'must be at most 256, got 257',
    ],
    [
      'an unknown format',
      'format',
      { type: 'xml' },
      '/format/type',
      'must be one of "json", "raw", "csv", "avro", "protobuf", "json-schema"',
    ],
    [
      'a choice that is none',
      'policies.tombstone',
      'keep',
      '/policies/tombstone',
      'must be one of "skip", "null", "delete", "reject"',
    ],
    [
      'a comment too long',
      'comment',
      'x'.repeat(1_025),
      '/comment',
      'must have at most 1024 characters',
    ],
    [
      'a directory that is not allowed',
      'destination.file.directory',
      '/data/tables/../secret',
      '/destination/file/directory',
      'directory must be under one of /data/tables, /data/other, got /data/tables/../secret',
    ],
    [
      'a relative directory',
      'destination.file.directory',
      'tables',
      '/destination/file/directory',
      'directory must be an absolute path, got "tables"',
    ],
    [
      'a table with a path in it',
      'destination.file.table',
      '../x',
      '/destination/file/table',
      'must be 1-128 of A-Z a-z 0-9 _ . -',
    ],
    ['a destination of null', 'destination', null, '/destination', 'must be an object, got null'],
  ])('%s', async (_, path, value, pointer, detail) => {
    const reply = await call('POST /jobs', { body: specWith(path, value) });

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(faults(reply)).toEqual([[pointer, detail]]);
    expect(reply.text).not.toContain('hunter2');
    expect(reply.headers['content-type']).toBe('application/problem+json');
  });

  test('all faults of a request are told at once, in body, query and headers', async () => {
    const reply = await call('POST /jobs?dry=1', {
      headers: { 'Idempotency-Key': 'with space' },
      body: {
        ...specWith('source.kafka', { brokers: ['evil.test:1'], topic: '' }),
        batch: { maxBytes: 2_000_000_000, maxRows: 0, size: 1 },
        desiredConcurrency: 'many',
        colour: 'red',
      },
    });

    expect(reply.status).toBe(400);
    expect(faults(reply).map(([place]) => place)).toEqual([
      'dry',
      'Idempotency-Key',
      '/source/kafka/topic',
      '/desiredConcurrency',
      '/batch/maxRows',
      '/batch/size',
      '/colour',
      '/source/kafka/brokers/0',
      '/batch/maxBytes',
    ]);
    expect(reply.body.detail).toBe('9 faults, see errors');
  });

  test('ten thousand unknown fields make a short answer', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, 0]));

    const reply = await call('POST /jobs', { body: { ...smallSpec('faulty'), ...many } });

    expect(reply.body.errors).toHaveLength(100);
    expect(reply.body.detail).toBe('10000 faults, see errors (the first 100)');
  });

  test('without directories for files there is no file destination', async () => {
    const limits = {
      MAX_BATCH_ROWS: 10,
      MAX_BATCH_BYTES: 2_000,
      ALLOWED_BROKERS: ['*'],
      ALLOWED_DESTINATIONS: ['*'],
      ALLOWED_ENDPOINTS: undefined,
      ALLOWED_REGISTRIES: ['*'],
      FILE_DIRECTORIES: undefined,
    };

    const reply = await apiOver(tables, { limits }).call('POST /jobs', {
      body: smallSpec('faulty'),
    });

    expect(faults(reply)).toEqual([
      ['/destination/file', 'no directory is allowed: FILE_DIRECTORIES is not set'],
    ]);
  });

  test('nothing of all this was created', async () => {
    expect((await call('GET /jobs')).body.jobs).toHaveLength(1);
  });
});

describe('a faulty body', () => {
  const valid = JSON.stringify(smallSpec('faulty'));

  test.each<[string, CallOptions, number, string]>([
    ['none', {}, 400, 'INVALID_REQUEST'],
    ['half of a JSON', { body: valid.slice(0, 40) }, 400, 'BODY_NOT_JSON'],
    ['no JSON at all', { body: 'name=a' }, 400, 'BODY_NOT_JSON'],
    ['a list', { body: '[]' }, 400, 'INVALID_REQUEST'],
    ['null', { body: 'null' }, 400, 'INVALID_REQUEST'],
    [
      'half a million brackets',
      { body: '['.repeat(250_000) + ']'.repeat(250_000) },
      400,
      'BODY_NOT_JSON',
    ],
    ['more than a megabyte', { body: `"${'x'.repeat(1_048_575)}"` }, 413, 'BODY_TOO_LARGE'],
    [
      'a form',
      { body: valid, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a patch',
      { body: valid, headers: { 'content-type': 'application/merge-patch+json' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ])('%s', async (_, options, status, code) => {
    expect(await call('POST /jobs', options)).toMatchObject({ status, body: { code } });
  });

  test('the place of a mistake in the JSON is told, and the body is not repeated', async () => {
    const reply = await call('POST /jobs', { body: '{"password": "hunter2",\n "x" 1}' });

    expect(reply.body.detail).toBe('the body must be JSON, it is not (line 2 column 6)');
    expect(reply.text).not.toContain('hunter2');
  });

  test.each(['pause', 'resume', 'stop'])('%s has nothing to be told', async (verb) => {
    const reply = await call(`POST /jobs/${id}/${verb}?force=1`, { body: { wait: true } });

    expect(reply.status).toBe(400);
    expect(faults(reply)).toEqual([
      ['force', 'is not a known parameter'],
      ['/wait', 'is not a known field'],
    ]);
    expect((await call(`GET /jobs/${id}`)).body.state).toBe('NEED_SCHEDULE');
  });

  test('an empty object says nothing too', async () => {
    const made = (await call('POST /jobs', { body: smallSpec('quiet') })).body.id;

    expect((await call(`POST /jobs/${made}/pause`, { body: {} })).status).toBe(200);
  });
});

describe('a faulty query', () => {
  test.each<[string, string, string]>([
    ['/jobs?colour=red', 'colour', 'is not a known parameter'],
    ['/jobs?limit=0', 'limit', 'must be at least 1, got 0'],
    ['/jobs?limit=101', 'limit', 'must be at most 100, got 101'],
    ['/jobs?limit=-1', 'limit', 'must be a whole number from 1 to 100'],
    ['/jobs?limit=ten', 'limit', 'must be a whole number from 1 to 100'],
    ['/jobs?limit=', 'limit', 'must be a whole number from 1 to 100'],
    ['/jobs?limit=1&limit=2', 'limit', 'must be given once'],
    [
      '/jobs?state=SLEEPING',
      'state',
      'must be one of "NEED_SCHEDULE", "RUNNING", "PAUSED", "STOPPED", "CANCELLED", "COMPLETED"',
    ],
    ['/jobs?name=', 'name', 'must have at least 1 character'],
    ['/jobs?cursor=nonsense', 'cursor', 'must be the cursor of an earlier page of the same list'],
    ['/jobs/present?limit=1', 'limit', 'is not a known parameter'],
    [
      '/jobs/present/tasks?status=LOST',
      'status',
      'must be one of "PENDING", "RUNNING", "DONE", "CANCELLED", "IN_DOUBT"',
    ],
    [
      '/jobs/present/tasks?cursor=e30',
      'cursor',
      'must be the cursor of an earlier page of the same list',
    ],
    ['/jobs/present/history?state=PAUSED', 'state', 'is not a known parameter'],
    ['/jobs/present/errors?limit=x', 'limit', 'must be a whole number from 1 to 100'],
    ['/health?deep=1', 'deep', 'is not a known parameter'],
  ])('%s', async (target, parameter, detail) => {
    const reply = await call(`GET ${target}`);

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(faults(reply)).toEqual([[parameter, detail]]);
  });

  test.each([
    { list: 'jobs', from: 'no JSON' },
    { list: 'jobs', from: '{}' },
    { list: 'jobs', from: '5' },
    { list: 'jobs', from: '{"pk":null}' },
    { list: 'jobs', from: '{"listed":"OTHER","pk":"JOB#1","sk":"JOB"}' },
    { list: 'jobs', from: 7 },
    { list: 'tasks:other' },
    { list: 'jobs', more: 1 },
  ])('a cursor made by hand: %j', async (forged) => {
    const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url');

    const reply = await call(`GET /jobs?cursor=${cursor}`);

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(faults(reply)[0]?.[0]).toBe('cursor');
  });

  test("the cursor of one job's list is none of another's", async () => {
    await call(`POST /jobs/${id}/pause`);
    await call(`POST /jobs/${id}/resume`);
    const { cursor } = (await call(`GET /jobs/${id}/history?limit=1`)).body;
    const other = (await call('POST /jobs', { body: smallSpec('other') })).body.id;

    expect((await call(`GET /jobs/${other}/history?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('a faulty address', () => {
  test.each([
    '/',
    '/job',
    '/jobs/',
    '/jobs/present/',
    '/jobs/present/start',
    '/jobs/present/tasks/a/b',
    '//jobs',
    '/JOBS',
  ])('there is nothing at %s', async (path) => {
    const reply = await call(`GET ${path}`);

    expect(reply).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        type: 'urn:problem-type:routine-load:route-not-found',
        title: 'There is no such address',
        status: 404,
        instance: path,
        code: 'ROUTE_NOT_FOUND',
      },
    });
  });

  test.each([
    ['DELETE /jobs', 'GET, POST'],
    ['PUT /jobs/present', 'GET, PATCH'],
    ['GET /jobs/present/pause', 'POST'],
    ['POST /jobs/present/tasks', 'GET'],
    ['POST /health', 'GET'],
  ])('%s is told what is allowed', async (request, allow) => {
    const reply = await call(request);

    expect([reply.status, reply.body.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(reply.headers.allow).toBe(allow);
  });

  test.each([
    'GET /jobs/x',
    'PATCH /jobs/x',
    'POST /jobs/x/pause',
    'POST /jobs/x/resume',
    'POST /jobs/x/stop',
    'GET /jobs/x/tasks',
    'GET /jobs/x/tasks/y',
    'GET /jobs/x/history',
    'GET /jobs/x/errors',
  ])('%s: there is no job x', async (request) => {
    const options = request.startsWith('PATCH') ? { body: {} } : {};
    expect(await call(request, options)).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
  });
});

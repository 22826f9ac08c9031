import { beforeAll, describe, expect, test } from 'vitest';
import { apiOver, type Call, type CallOptions, smallSpec } from '../support/api-calls.ts';
import { faults } from '../support/api-faults.ts';
import { freshTables } from '../support/tables.ts';

/** Bodies, queries and addresses that the API refuses. */

let call: Call;
let id: string;

beforeAll(async () => {
  call = apiOver((await freshTables()).tables).call;
  id = (await call('POST /jobs', { body: smallSpec('present') })).body.id;
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

describe('what has no room in the store', () => {
  test('a preview from more offsets than an item holds', async () => {
    const { name: _, ...job } = smallSpec('preview');
    const from = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [i, '9223372036854775807']),
    );

    const reply = await call('POST /previews', { body: { job, from } });

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(faults(reply)[0]?.[0]).toBe('/from');
  });

  test('a preview whose id is longer than any key', async () => {
    const reply = await call(`GET /previews/${'a'.repeat(3_000)}`);

    expect([reply.status, reply.body.code]).toEqual([404, 'PREVIEW_NOT_FOUND']);
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

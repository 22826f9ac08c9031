import { beforeAll, expect, test } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { apiOver, type Call, smallSpec } from '../support/api-calls.ts';
import { expectRefusal, type FaultyPlace, faults, specWith } from '../support/api-faults.ts';
import { freshTables } from '../support/tables.ts';

/** What a job cannot be, beside its source. */

let tables: Tables;
let call: Call;

beforeAll(async () => {
  tables = (await freshTables()).tables;
  call = apiOver(tables).call;
});

test.each<FaultyPlace>([
  ['no name', 'name', undefined, '/name', 'is required: a string'],
  ['a name of a wrong type', 'name', 5, '/name', 'must be a string, got 5'],
  ['a name with a space', 'name', 'a b', '/name', 'must be 1-64 of A-Z a-z 0-9 _ -'],
  ['a field with odd characters', 'a/b~c', 1, '/a~1b~0c', 'is not a known field'],
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
])('%s is refused', (...place) => expectRefusal(call, place));

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
  expect((await call('GET /jobs')).body.jobs).toEqual([]);
});

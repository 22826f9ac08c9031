import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { Stage } from '../../functions/loader/stage.ts';
import { readInferredTypes } from '../../functions/shared/store/inferred-types.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';

const brokers = inject('kafkaBrokers');
let product: Product;
let call: Call;

beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

async function create(topic: string, spec: object = {}): Promise<string> {
  const { status, body } = await call('POST /jobs', {
    body: {
      name: 'events',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      destination: { file: { table: 'events', format: 'parquet' } },
      errors: { maxPerTenThousand: 10_000 },
      ...spec,
    },
  });
  expect(body.errors).toBeUndefined();
  expect(status).toBe(201);
  return body.id;
}

async function topicOf(
  records: readonly TestRecord[],
  partitions = 1,
): Promise<{ topic: string; add: (more: readonly TestRecord[]) => Promise<void> }> {
  const topic = await createTopic(brokers, { partitions });
  await produce(brokers, topic, { records });
  return { topic, add: (more) => produce(brokers, topic, { records: more }) };
}

const values = (...lines: string[]) => lines.map((value) => ({ value, partition: 0 }));
const table = (name: string) => `read_parquet('${join(product.directory, name, '*.parquet')}')`;
const columnsOf = async (name: string) =>
  query(`select column_name, column_type from (describe from ${table(name)})`);

const FIRST =
  '{"id":9007199254740993,"ratio":0.5,"wide":123456789012345678901234567890,"cents":12345678901234.56,"day":"2026-01-31","at":"2026-01-31T10:00:00","seen":"2026-01-31T10:00:00.25+02:00","ok":true,"tags":["a",{"b":1}],"zip":"00420","mixed":1,"void":null}';
const SECOND =
  '{"id":-9223372036854775808,"ratio":-1e-7,"wide":-1,"cents":0.01,"day":"1999-12-31","at":"1999-12-31 23:59:59.999999","seen":"1999-12-31T00:00:00Z","ok":false,"tags":{},"zip":"1","mixed":"x","void":null}';

test('Parquet without declared types has the types of a sample, every value exact', async () => {
  const { topic } = await topicOf(values(FIRST, SECOND));
  const id = await create(topic);
  await product.settle(id);

  expect(await columnsOf('events')).toEqual([
    ['id', 'BIGINT'],
    ['ratio', 'DOUBLE'],
    ['wide', 'DECIMAL(38,0)'],
    ['cents', 'DECIMAL(38,2)'],
    ['day', 'DATE'],
    ['at', 'TIMESTAMP'],
    ['seen', 'TIMESTAMP WITH TIME ZONE'],
    ['ok', 'BOOLEAN'],
    ['tags', 'JSON'],
    ['zip', 'VARCHAR'],
    ['mixed', 'VARCHAR'],
    ['void', 'VARCHAR'],
  ]);
  const rows = await query(
    `select id, ratio, wide::varchar, cents::varchar, "day", "at", epoch_us(seen), ok, tags, zip, mixed, void from ${table('events')} order by id desc`,
  );
  expect(rows).toEqual([
    [
      '9007199254740993',
      0.5,
      '123456789012345678901234567890',
      '12345678901234.56',
      '2026-01-31',
      '2026-01-31 10:00:00',
      String(Date.parse('2026-01-31T08:00:00.250Z') * 1_000),
      true,
      '["a",{"b":1}]',
      '00420',
      '1',
      null,
    ],
    [
      '-9223372036854775808',
      -1e-7,
      '-1',
      '0.01',
      '1999-12-31',
      '1999-12-31 23:59:59.999999',
      String(Date.parse('1999-12-31T00:00:00Z') * 1_000),
      false,
      '{}',
      '1',
      'x',
      null,
    ],
  ]);
  const { body } = await call(`GET /jobs/${id}`);
  const [task] = await product.tasks(id);
  expect(body.spec.types).toEqual({ '*': 'infer' });
  expect(body.inferredTypes).toMatchObject({
    taskId: task!.id,
    rows: 2,
    types: { id: 'BIGINT', seen: 'TIMESTAMPTZ', void: 'VARCHAR' },
  });
  const { body: history } = await call(`GET /jobs/${id}/history`);
  expect(history.entries.filter(({ kind }: { kind: string }) => kind === 'types')).toMatchObject([
    {
      reason: {
        code: 'TYPES_INFERRED',
        message: 'types of 12 fields inferred from a sample of 2 rows',
      },
      detail: { taskId: task!.id, slice: { 0: { from: '0', to: '2' } }, rows: 2 },
    },
  ]);
});

test('later files have the same columns, and what does not fit is a bad row until its type is declared', async () => {
  const { topic, add } = await topicOf(values('{"id":1,"code":7}', '{"id":2,"code":8}'));
  const id = await create(topic);
  await product.settle(id);
  await add(values('{"id":3,"code":"A7"}', '{"id":4,"code":"009"}', '{"id":5,"code":9,"new":1}'));
  await product.settle(id);

  const { body: bad } = await call(`GET /jobs/${id}/errors`);
  expect(JSON.stringify(bad)).toContain(
    'cannot be read as BIGINT without loss, the type that was inferred',
  );
  expect(await query(`select id, code from ${table('events')} order by id`)).toEqual([
    ['1', '7'],
    ['2', '8'],
    ['5', '9'],
  ]);

  await call(`POST /jobs/${id}/pause`);
  const altered = await call(`PATCH /jobs/${id}`, { body: { types: { code: 'VARCHAR' } } });
  expect(altered.body.spec.types).toEqual({ '*': 'infer', code: 'VARCHAR' });
  expect(altered.body.inferredTypes.types).toEqual({ id: 'BIGINT' });
  await call(`POST /jobs/${id}/resume`);
  expect((await call(`POST /jobs/${id}/redrive`)).status).toBe(200);
  await product.settle(id);

  const folder = join(product.directory, 'events');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  const last = `read_parquet('${join(folder, files.at(-1)!)}')`;
  expect(await query(`select column_name, column_type from (describe from ${last})`)).toEqual([
    ['id', 'BIGINT'],
    ['code', 'VARCHAR'],
  ]);
  expect(await query(`select id, code from ${last} order by id`)).toEqual([
    ['3', 'A7'],
    ['4', '009'],
  ]);
  const { body: verified } = await call(`GET /jobs/${id}/verify`);
  expect(verified.complete).toBe(true);
});

test('two lanes that sample at once write with the types of one of them', async () => {
  const { topic } = await topicOf(
    [
      { value: '{"n":1}', partition: 0 },
      { value: '{"n":"one","m":1}', partition: 1 },
    ],
    2,
  );
  const id = await create(topic, { desiredConcurrency: 2 });
  // Both look whether types stand before either of them keeps any.
  const arrived = Promise.withResolvers<void>();
  let waiting = 0;
  const stage: Stage = (request) =>
    product.loader.stage({
      ...request,
      types: {
        ...request.types,
        read: async () => {
          const standing = await request.types.read();
          waiting += 1;
          if (waiting === 2) arrived.resolve();
          await arrived.promise;
          return standing;
        },
      },
    });
  await product.cycle();
  await product.cycle();
  await product.load(id, { stage });
  await product.settle(id);

  const standing = await readInferredTypes(product.tables, id);
  const expected = [...standing!.types].map(([name, type]) => [name, type]);
  expect(await columnsOf('events')).toEqual(expected);
  const folder = join(product.directory, 'events');
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.parquet'))) {
    const from = `read_parquet('${join(folder, file)}')`;
    expect(await query(`select column_name, column_type from (describe from ${from})`)).toEqual(
      expected,
    );
  }
  const { body } = await call(`GET /jobs/${id}/history`);
  expect(body.entries.filter(({ kind }: { kind: string }) => kind === 'types')).toHaveLength(1);
});

test('a slice without a row to sample leaves the inference to a later one', async () => {
  const { topic, add } = await topicOf([
    { value: 'not json', partition: 0 },
    { value: null, partition: 0 },
  ]);
  const id = await create(topic);
  await product.settle(id);
  expect((await product.job(id)).state).toBe('RUNNING');
  expect((await call(`GET /jobs/${id}`)).body).toMatchObject({
    statistics: { rows: 0, rejected: 1, skipped: 1 },
  });
  expect(await readInferredTypes(product.tables, id)).toBeUndefined();

  await add(values('{"n":1}'));
  await product.settle(id);
  expect(await query(`select n from ${table('events')}`)).toEqual([['1']]);
});

test('a row without a field pauses the job, until types are declared', async () => {
  const { topic } = await topicOf(values('{}'));
  const id = await create(topic);
  await product.settle(id);
  expect((await product.job(id)).reason).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('has no field to infer types from, declare them'),
  });

  await call(`PATCH /jobs/${id}`, { body: { types: { '*': null, n: 'int' } } });
  await call(`POST /jobs/${id}/resume`);
  await product.settle(id);
  expect(await query(`select n from ${table('events')}`)).toEqual([[null]]);
});

test('after its format was altered a job infers anew', async () => {
  const { topic } = await topicOf(values('{"payload":{"n":1}}'));
  const id = await create(topic);
  await product.settle(id);
  await call(`POST /jobs/${id}/pause`);
  const format = { type: 'json', jsonRoot: '$.payload' };
  const { body } = await call(`PATCH /jobs/${id}`, { body: { format, seek: 'earliest' } });
  expect(body.inferredTypes).toBeUndefined();
  await call(`POST /jobs/${id}/resume`);
  await product.settle(id);

  expect([...(await readInferredTypes(product.tables, id))!.types]).toEqual([['n', 'BIGINT']]);
});

test('dead letters that are loaded again are a sample where there was none before', async () => {
  const { topic } = await topicOf(values('{"payload":{"n":1}}', '{"payload":{"n":2.5}}'));
  const id = await create(topic, { format: { type: 'json', jsonRoot: '$.data' } });
  await product.settle(id);
  expect(await readInferredTypes(product.tables, id)).toBeUndefined();
  await call(`POST /jobs/${id}/pause`);
  await call(`PATCH /jobs/${id}`, { body: { format: { jsonRoot: '$.payload' } } });
  await call(`POST /jobs/${id}/resume`);
  await call(`POST /jobs/${id}/redrive`);
  await product.settle(id);

  const [{ id: redrive } = { id: '' }] = (await product.tasks(id)).filter((task) => task.redrive);
  expect(await readInferredTypes(product.tables, id)).toMatchObject({ taskId: redrive, rows: 2 });
  expect(await columnsOf('events')).toEqual([['n', 'DOUBLE']]);
  expect(await query(`select n from ${table('events')} order by n`)).toEqual([[1], [2.5]]);
});

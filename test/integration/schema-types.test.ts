import { join } from 'node:path';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { type RegistryDouble, startRegistryDouble } from '../support/registry/registry-double.ts';

/** Jobs whose Parquet has the types that a registry's schemas say, by the product as a whole. */

const brokers = inject('kafkaBrokers');
let registry: RegistryDouble;
let product: Product;
let call: Call;

beforeEach(async () => {
  registry = await startRegistryDouble();
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(async () => {
  await product.close();
  await registry.stop();
});

/** A job of a topic with these values, and how more of them come. */
async function jobOver(
  type: 'avro' | 'protobuf' | 'json-schema',
  values: readonly Buffer[],
  spec: object = {},
) {
  const topic = await createTopic(brokers);
  const add = (more: readonly Buffer[]) =>
    produce(brokers, topic, { records: more.map((value) => ({ value })) });
  await add(values);
  const { status, body } = await call('POST /jobs', {
    body: {
      name: 'orders',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      format: { type, registry: { confluent: { url: registry.url } } },
      destination: { file: { table: 'orders', format: 'parquet' } },
      errors: { maxPerTenThousand: 10_000 },
      ...spec,
    },
  });
  expect([status, body.errors]).toEqual([201, undefined]);
  await product.settle(body.id);
  return { id: body.id as string, add };
}

const orders = () => `read_parquet('${join(product.directory, 'orders', '*.parquet')}')`;
const columns = async () =>
  Object.fromEntries(
    await query(`select column_name, column_type from (describe from ${orders()})`),
  );

const orderOf = (...more: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'count', type: 'int' },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
    { name: 'until', type: ['null', { type: 'int', logicalType: 'time-millis' }] },
    { name: 'parts', type: { type: 'array', items: 'int' } },
    ...more,
  ],
});
const NOTED = { name: 'note', type: ['null', 'string'] };
const order = (schema: object, id: number, value: object) =>
  confluentFrame(
    id,
    avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'always' }).toBuffer({
      id: '00112233-4455-6677-8899-aabbccddeeff',
      price: Buffer.from([0x04, 0xd2]),
      at: null,
      until: null,
      parts: [],
      ...value,
    }),
  );

test('Avro’s columns have the types of their schema, though the sample has nothing but nulls', async () => {
  const [first, second] = [orderOf(), orderOf(NOTED)];
  registry.register(1, { schema: JSON.stringify(first) });
  registry.register(2, { schema: JSON.stringify(second) });
  const { id, add } = await jobOver('avro', [order(first, 1, { count: 1 })]);
  await add([
    order(first, 1, { count: 2, at: { long: 1_790_000_000_123_456 }, parts: [1, 2] }),
    // A later version: what is new in it has no column.
    order(second, 2, { count: 3, until: { int: 1 }, note: { string: 'new' } }),
  ]);
  await product.settle(id);

  expect(await columns()).toEqual({
    id: 'UUID',
    count: 'INTEGER',
    price: 'DECIMAL(12,2)',
    at: 'TIMESTAMP WITH TIME ZONE',
    until: 'TIME',
    parts: 'JSON',
  });
  expect(
    await query(
      `select count, price::varchar, epoch_us("at"), until::varchar, parts from ${orders()} order by 1`,
    ),
  ).toEqual([
    [1, '12.34', null, null, '[]'],
    [2, '12.34', '1790000000123456', null, '[1,2]'],
    [3, '12.34', null, '00:00:00.001', '[]'],
  ]);
  const { body } = await call(`GET /jobs/${id}`);
  expect(body.inferredTypes).toMatchObject({
    rows: 1,
    types: { id: 'UUID', at: 'TIMESTAMPTZ' },
    fromSchema: ['id', 'count', 'price', 'at', 'until', 'parts'],
  });
  const { body: history } = await call(`GET /jobs/${id}/history`);
  expect(history.entries.find(({ kind }: { kind: string }) => kind === 'types')).toMatchObject({
    reason: {
      message: 'types of 6 fields from a sample of 1 rows, 6 of them given by its schemas',
    },
    detail: {
      types: expect.arrayContaining([{ field: 'at', type: 'TIMESTAMPTZ', from: 'schema' }]),
    },
  });
});

test('what a later version widens is a bad row, until its type is declared and it is loaded again', async () => {
  const counted = (type: string) => ({
    type: 'record',
    name: 'Count',
    fields: [{ name: 'n', type }],
  });
  const value = (type: string, id: number, n: number) =>
    confluentFrame(id, avro.Type.forSchema(counted(type) as avro.Schema).toBuffer({ n }));
  registry.register(1, { schema: JSON.stringify(counted('int')) });
  registry.register(2, { schema: JSON.stringify(counted('long')) });
  const { id, add } = await jobOver('avro', [value('int', 1, 1)]);
  await add([value('long', 2, 2), value('long', 2, 2 ** 40)]);
  await product.settle(id);
  expect(await query(`select n from ${orders()} order by n`)).toEqual([[1], [2]]);

  await call(`POST /jobs/${id}/pause`);
  const { body } = await call(`PATCH /jobs/${id}`, { body: { types: { n: 'BIGINT' } } });
  expect(body.inferredTypes).toMatchObject({ types: {} });
  expect(body.inferredTypes.fromSchema).toBeUndefined();
  await call(`POST /jobs/${id}/resume`);
  await call(`POST /jobs/${id}/redrive`);
  await product.settle(id);

  const union = `select n from read_parquet('${join(product.directory, 'orders', '*.parquet')}', union_by_name = true)`;
  expect(await query(`${union} order by n`)).toEqual([['1'], ['2'], ['1099511627776']]);
});

test('Protobuf’s columns have the types of their message, also of fields that nobody has set', async () => {
  const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    message Unused {}
    message Order { enum State { OPEN = 0; DONE = 1; } uint64 id = 1; State state = 2;
      optional fixed32 count = 3; google.protobuf.Timestamp at = 4; repeated int32 parts = 5;
      google.protobuf.DoubleValue share = 6; oneof paid { bool cash = 7; float card = 8; } }`;
  registry.register(1, { schema: text, schemaType: 'PROTOBUF' });
  const root = protobuf.parse(text, new protobuf.Root(), { keepCase: true }).root;
  for (const name of ['timestamp', 'wrappers']) {
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
  }
  const type = root.lookupType('Order');
  const value = (given: object) =>
    confluentFrame(1, Buffer.from([2, 2]), type.encode(type.fromObject(given)).finish());
  const { id } = await jobOver('protobuf', [
    value({}),
    value({ id: '18446744073709551615', state: 1, cash: true, parts: [7] }),
  ]);

  expect(await columns()).toEqual({
    id: 'UBIGINT',
    state: 'VARCHAR',
    count: 'UINTEGER',
    at: 'TIMESTAMP WITH TIME ZONE',
    parts: 'JSON',
    share: 'DOUBLE',
    cash: 'BOOLEAN',
    card: 'FLOAT',
  });
  expect(await query(`select * from ${orders()} order by id`)).toEqual([
    ['0', 'OPEN', null, null, '[]', null, null, null],
    ['18446744073709551615', 'DONE', null, null, '[7]', null, true, null],
  ]);
  expect((await product.job(id)).state).toBe('RUNNING');
});

test('JSON Schema’s columns have the types that it says, others those of the sample', async () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $ref: '#/$defs/order',
    $defs: {
      order: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          price: { type: ['number', 'null'] },
          at: { type: 'string', format: 'date-time' },
          code: { type: 'string' },
          by: { $ref: 'customer.json' },
        },
      },
    },
  };
  registry.register(7, {
    schema: '{"type":"object"}',
    schemaType: 'JSON',
    subject: 'c',
    version: 1,
  });
  registry.register(8, {
    schema: JSON.stringify(schema),
    schemaType: 'JSON',
    references: [{ name: 'customer.json', subject: 'c', version: 1 }],
  });
  const value = (json: string) => confluentFrame(8, Buffer.from(json));
  const { id } = await jobOver('json-schema', [
    value('{"id":1,"price":5,"code":"2026-01-31","more":"2026-01-31"}'),
    value('{"id":2,"price":null,"code":"7","more":"1999-12-31"}'),
  ]);

  expect(await columns()).toEqual({
    id: 'BIGINT',
    price: 'DOUBLE',
    at: 'TIMESTAMP WITH TIME ZONE',
    code: 'VARCHAR',
    by: 'JSON',
    more: 'DATE',
  });
  expect(await query(`select id, price, code, more from ${orders()} order by id`)).toEqual([
    ['1', 5, '2026-01-31', '2026-01-31'],
    ['2', null, '7', '1999-12-31'],
  ]);
  const { body } = await call(`GET /jobs/${id}`);
  expect(body.inferredTypes.fromSchema).toEqual(['id', 'price', 'at', 'code', 'by']);
});

test('a schema of the job’s own says the types of bare values', async () => {
  const schema = {
    type: 'record',
    name: 'Event',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'note', type: ['null', 'string'] },
    ],
  };
  const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'always' });
  const events = [
    { id: 1, at: 1_790_000_000_123, day: 20_000, note: null },
    { id: 2, at: 0, day: -1, note: { string: '5' } },
  ];
  await jobOver(
    'avro',
    events.map((event) => type.toBuffer(event)),
    { format: { type: 'avro', schema: JSON.stringify(schema) } },
  );

  expect(await columns()).toEqual({
    id: 'BIGINT',
    at: 'TIMESTAMP WITH TIME ZONE',
    day: 'DATE',
    note: 'VARCHAR',
  });
  expect(
    await query(`select id, epoch_ms("at"), "day", note from ${orders()} order by id`),
  ).toEqual([
    ['1', '1790000000123', '2024-10-04', null],
    ['2', '0', '1969-12-31', '5'],
  ]);
});

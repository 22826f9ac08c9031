import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { type RegistryDouble, startRegistryDouble } from '../support/registry/registry-double.ts';

/** Topics whose values need a schema, by the product: a real broker, and a registry over HTTP. */

const brokers = inject('kafkaBrokers');
const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:registry-AbCdEf';
const LOGIN = { username: 'reader', password: 'open-sesame' };

let registry: RegistryDouble;
let product: Product;

beforeAll(async () => {
  registry = await startRegistryDouble({ login: LOGIN });
  const logins = { get: async () => LOGIN, drop: () => {} };
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
    sinks: { logins },
  });
});
beforeEach(() => registry.answerWith(undefined));
afterAll(async () => {
  await product.close();
  await registry.stop();
});

const ORDER_1 = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
  ],
} as const;
const ORDER_2 = {
  ...ORDER_1,
  fields: [...ORDER_1.fields, { name: 'note', type: ['null', 'string'] }],
} as const;

/** A price in cents: two's complement in four bytes. */
const cents = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const encode = (schema: object, value: object) =>
  avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'always' }).toBuffer(value);

async function jobOver(
  name: string,
  records: readonly TestRecord[],
  spec: Pick<JobSpecInput, 'format' | 'destination'> & Partial<JobSpecInput>,
) {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records });
  return product.createJob({
    name,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    ...spec,
  });
}

const confluent = () => ({ confluent: { url: registry.url, secretArn: SECRET } });

it('Avro of two versions in one slice becomes typed Parquet, each schema asked for once', async () => {
  registry.register(11, { schema: JSON.stringify(ORDER_1) });
  registry.register(12, { schema: JSON.stringify(ORDER_2) });
  const records = Array.from({ length: 300 }, (_, n) => {
    const order = { id: 9_007_199_254_740_000 + n, price: cents(-n), at: n * 1_000_001 };
    const value =
      n % 2 === 0
        ? confluentFrame(11, encode(ORDER_1, order))
        : confluentFrame(12, encode(ORDER_2, { ...order, note: { string: `№ ${n}` } }));
    return { value };
  });
  const { id } = await jobOver('orders', records, {
    format: { type: 'avro', registry: confluent() },
    types: { id: 'BIGINT', price: 'DECIMAL(12,2)', at: 'TIMESTAMPTZ', note: 'VARCHAR' },
    destination: { file: { table: 'orders', format: 'parquet' } },
  });

  await product.settle(id);

  const folder = join(product.directory, 'orders');
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
  expect(
    await query(
      `select count(*)::integer, count(note)::integer, max(id), min(price), epoch_us(max("at")) from '${join(folder, file!)}'`,
    ),
  ).toEqual([[300, 150, '9007199254740299', '-2.99', '299000299']]);
  expect(registry.asked.filter((path) => path.endsWith('/11'))).toHaveLength(1);
  expect(registry.asked.filter((path) => path.endsWith('/12'))).toHaveLength(1);
});

it('an id that the registry does not have is a bad row, and its raw bytes are the dead letter', async () => {
  registry.register(21, { schema: '"int"' });
  registry.register(22, {
    schema: JSON.stringify({ type: 'record', name: 'N', fields: [{ name: 'n', type: 'int' }] }),
  });
  const unknown = confluentFrame(404, Buffer.from([2]));
  const { id } = await jobOver(
    'unknown',
    [
      { value: confluentFrame(22, Buffer.from([2])), key: Buffer.from('first') },
      { value: unknown },
      { value: confluentFrame(21, Buffer.from([2])) },
      { value: '{"n":1}' },
      { value: confluentFrame(22, Buffer.from([4])), key: Buffer.from('last') },
    ],
    {
      format: { type: 'avro', registry: confluent() },
      destination: { file: { table: 'unknown', metadata: ['_offset', '_key'] } },
      errors: { maxPerTenThousand: 10_000 },
    },
  );

  await product.settle(id);

  expect(await product.lines('unknown')).toEqual([
    '{"n":1,"_offset":0,"_key":"first"}',
    '{"n":2,"_offset":4,"_key":"last"}',
  ]);
  const folder = join(product.directory, 'unknown', '_dead_letters');
  const [file] = (await readdir(folder)).filter((name) => !name.startsWith('_'));
  const letters = (await readFile(join(folder, file!), 'utf8')).trim().split('\n').map(parsed);
  expect(letters).toMatchObject([
    { offset: '1', reason: 'the registry has no schema 404' },
    { offset: '2', reason: 'must be a JSON object, got a number' },
    { offset: '3', reason: expect.stringContaining('must begin with 0 or 1') },
  ]);
  expect(
    Buffer.from(
      letters[0].valueBase64 ?? letters[0].value,
      letters[0].valueBase64 ? 'base64' : 'utf8',
    ),
  ).toEqual(unknown);
});

it('a registry that is down costs an attempt and no row, and the job goes on when it is up', async () => {
  registry.register(31, {
    schema: JSON.stringify({ type: 'record', name: 'N', fields: [{ name: 'n', type: 'long' }] }),
  });
  registry.answerWith((request) => request.socket.destroy());
  const records = Array.from({ length: 20 }, (_, n) => ({
    value: confluentFrame(31, Buffer.from([2 * n])),
  }));
  const { id } = await jobOver('down', records, {
    format: { type: 'avro', registry: confluent() },
    destination: { file: { table: 'down' } },
  });

  await product.cycle();
  await product.cycle();
  await product.load(id);
  const [failed] = await product.tasks(id);
  expect(failed).toMatchObject({ status: 'PENDING', error: { code: 'REGISTRY_UNREACHABLE' } });
  expect(JSON.stringify(failed)).not.toContain(LOGIN.password);

  registry.answerWith(undefined);
  product.clock.forward(60_000);
  await product.settle(id);

  expect(await product.lines('down')).toEqual(records.map((_, n) => `{"n":${n}}`));
  const [task] = await product.tasks(id);
  expect(task).toMatchObject({ status: 'DONE', attempt: 2 });
});

it('Protobuf with imports and JSON Schema with references load by the same way', async () => {
  const money = 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }';
  const order =
    'syntax = "proto3"; package shop; import "money.proto"; message Unused {} message Order { string id = 1; Money price = 2; }';
  registry.register(40, { schema: money, schemaType: 'PROTOBUF', subject: 'money', version: 3 });
  registry.register(41, {
    schema: order,
    schemaType: 'PROTOBUF',
    references: [{ name: 'money.proto', subject: 'money', version: 3 }],
  });
  registry.register(50, { schema: '{"minimum":0}', schemaType: 'JSON', subject: 'n', version: 1 });
  registry.register(51, {
    schema: '{"type":"object","properties":{"n":{"$ref":"n.json"}}}',
    schemaType: 'JSON',
    references: [{ name: 'n.json', subject: 'n', version: 1 }],
  });
  const root = new protobuf.Root();
  protobuf.parse(money, root);
  protobuf.parse(order, root);
  const type = root.lookupType('shop.Order');
  const payload = type.encode(type.fromObject({ id: 'a', price: { cents: '9007199254740993' } }));
  // One index, 1, in zigzag varints.
  const value = confluentFrame(41, Buffer.from([2, 2]), payload.finish());
  const proto = await jobOver('proto', [{ value }], {
    format: { type: 'protobuf', registry: confluent() },
    destination: { file: { table: 'proto' } },
  });
  await product.settle(proto.id);
  const json = await jobOver(
    'json',
    [
      { value: confluentFrame(51, Buffer.from('{"n":1.10}')) },
      { value: confluentFrame(51, Buffer.from('{"n":-1}')) },
    ],
    {
      format: { type: 'json-schema', registry: confluent() },
      destination: { file: { table: 'json' } },
      errors: { maxPerTenThousand: 10_000 },
    },
  );
  await product.settle(json.id);

  expect(await product.lines('proto')).toEqual(['{"id":"a","price":{"cents":9007199254740993}}']);
  expect(await product.lines('json')).toEqual(['{"n":1.10}']);
  const [task] = await product.tasks(json.id);
  expect(task?.decision?.statistics.badRows).toMatchObject([
    { reason: 'does not fit its schema at /n: must be >= 0' },
  ]);
});

function parsed(line: string) {
  return JSON.parse(line);
}

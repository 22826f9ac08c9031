import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { apiOver } from '../support/api-calls.ts';
import { tableForEachTest } from '../support/iceberg/table-for-each-test.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

const lake = await tableForEachTest();
const brokers = inject('kafkaBrokers');
let product: Product;
beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables, { sinks: { s3Client: () => lake.s3.client } });
});
afterEach(() => product.close());

async function jobInto(values: readonly string[], more: object = {}) {
  const topic = await createTopic(brokers, { partitions: 1 });
  await produce(brokers, topic, { records: values.map((value) => ({ value })) });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { iceberg: { catalog: { uri: lake.uri }, namespace: lake.namespace, table: 'flights' } },
    ...more,
  } as never);
  await product.settle(id);
  const job = await product.job(id);
  const { call } = apiOver(product.tables, { clock: product.clock });
  const { body } = await call(`GET /jobs/${id}/errors`);
  let rows: unknown;
  try { rows = await lake.rows('flights'); } catch (e) { rows = String(e).slice(0, 600); }
  console.log(expect.getState().currentTestName, JSON.stringify({ state: job.state, reason: job.reason, rows, errors: (body as any)?.rows ?? body }).slice(0, 1800));
}
const ID = { id: 1, name: 'id', type: 'long' };

it('time 24', async () => {
  await lake.create('flights', [ID, { id: 2, name: 't', type: 'time' }]);
  await jobInto(['{"id":1,"t":"24:00:00"}', '{"id":2,"t":"23:59:59.9999999"}'], { errors: { maxPerTenThousand: 10_000 } });
});
it('names', async () => {
  await lake.create('flights', [ID, { id: 2, name: "it's", type: 'string' }, { id: 3, name: 'a"b', type: 'string' }, { id: 4, name: ' p', type: 'string' }, { id: 5, name: 'line', type: 'string' }]);
  await jobInto([JSON.stringify({ id: 1, "it's": 'x', 'a"b': 'y', ' p': 'z', line: 'l' })]);
});
it('case', async () => {
  await lake.create('flights', [ID, { id: 2, name: 'ID', type: 'string' }]);
  await jobInto(['{"id":1,"ID":"2"}']);
});
it('case of one', async () => {
  await lake.create('flights', [{ ...ID, name: 'Id' }, { id: 2, name: '__duckdb_field_id', type: 'string' }]);
  await jobInto(['{"Id":1,"id":3,"__duckdb_field_id":"2"}']);
});
it('meta', async () => {
  await lake.create('flights', [ID, { id: 2, name: '_offset', type: 'long' }, { id: 3, name: '_file', type: 'string' }, { id: 4, name: '_pos', type: 'long' }]);
  await jobInto(['{"id":1,"_offset":77,"_file":"f","_pos":5}']);
});
it('odd values', async () => {
  await lake.create('flights', [ID, { id: 2, name: 'd', type: 'date' }, { id: 3, name: 'ts', type: 'timestamp' }, { id: 4, name: 'tz', type: 'timestamptz' }, { id: 5, name: 'f', type: 'double' }, { id: 6, name: 'n', type: 'decimal(20, 0)' }, { id: 7, name: 'm', type: 'decimal(9, 9)' }]);
  await jobInto([
    '{"id":1,"d":"0001-01-01 (BC)","ts":"294246-12-31 00:00:00","f":"NaN","n":"-99999999999999999999","m":"-0.999999999"}',
    '{"id":2,"d":"5881580-07-10"}', '{"id":3,"ts":"290309-12-22 (BC) 00:00:00"}', '{"id":4,"tz":"290309-12-22 (BC) 00:00:00Z"}',
    '{"id":5,"d":"epoch","f":"inf"}',
  ], { errors: { maxPerTenThousand: 10_000 } });
});

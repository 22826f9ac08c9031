import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { type TestColumn, tableForEachTest } from '../support/iceberg/table-for-each-test.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Whole jobs into tables of Apache Iceberg, on its own catalog, and read by its own reader. */

const lake = await tableForEachTest();
const brokers = inject('kafkaBrokers');
let product: Product;

beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables, { sinks: { s3Client: () => lake.s3.client } });
});
afterEach(() => product.close());

const ID: TestColumn = { id: 1, name: 'id', type: 'long' };

async function jobInto(
  values: readonly string[],
  more: Partial<JobSpecInput> & { partitions?: number; metadata?: string[] } = {},
) {
  const { partitions = 1, metadata, ...spec } = more;
  const topic = await createTopic(brokers, { partitions });
  const records = values.map((value, i) => ({ value, partition: i % partitions }));
  await produce(brokers, topic, { records });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: {
      iceberg: {
        catalog: { uri: lake.uri },
        namespace: lake.namespace,
        table: 'flights',
        endpoint: lake.s3.server.endpoint,
        ...(metadata && { metadata: metadata as [] }),
      },
    },
    ...spec,
  });
  return { id, topic };
}

const ids = async () =>
  (await lake.rows('flights')).map(({ id }) => Number(id)).sort((a, b) => a - b);

describe('a job', () => {
  it("loads each record once into a table, by the table's own columns and types", async () => {
    await lake.create('flights', [
      ID,
      { id: 2, name: 'code', type: 'string' },
      { id: 3, name: 'late', type: 'boolean' },
      { id: 4, name: 'price', type: 'decimal(12, 2)' },
      { id: 5, name: 'at', type: 'timestamptz' },
      { id: 6, name: 'nobody has it', type: 'double' },
    ]);
    const { id } = await jobInto([
      '{"id":9007199254740993,"code":"AB","late":true,"price":10.25,"at":"2026-11-22T05:00:00+01:00"}',
      '{"id":2,"code":null,"other":1}',
    ]);
    await product.settle(id);
    expect(await lake.rows('flights')).toEqual(
      expect.arrayContaining([
        {
          id: '9007199254740993',
          code: 'AB',
          late: 'true',
          price: '10.25',
          at: '2026-11-22T04:00Z',
          'nobody has it': null,
        },
        { id: '2', code: null, late: null, price: null, at: null, 'nobody has it': null },
      ]),
    );
    expect((await product.job(id)).state).toBe('RUNNING');
  });

  it('of several lanes loads every record once', async () => {
    await lake.create('flights', [ID]);
    const many = Array.from({ length: 300 }, (_, i) => JSON.stringify({ id: i }));
    const { id } = await jobInto(many, { partitions: 3, desiredConcurrency: 3 });
    await product.settle(id);
    expect(await ids()).toEqual(many.map((_, i) => i));
  });
});

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { apiOver } from '../support/api-calls.ts';
import { type Death, dyingSink } from '../support/dying-sink.ts';
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
      { id: 7, name: 'day', type: 'date' },
      { id: 8, name: 'clock', type: 'time' },
      { id: 9, name: 'local', type: 'timestamp' },
      { id: 10, name: 'key', type: 'uuid' },
      { id: 11, name: 'small', type: 'decimal(4, 1)' },
      { id: 12, name: 'wide', type: 'decimal(38, 10)' },
      { id: 13, name: 'count', type: 'int' },
    ]);
    const others = {
      day: '1969-12-31',
      clock: '05:06:07.123456',
      local: '2026-11-22T05:06:07.000001',
      key: 'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      small: '-12.5',
      wide: '1234567890123456789012345678.0123456789',
      count: '-2147483648',
    };
    const nothing = Object.fromEntries(Object.keys(others).map((name) => [name, null]));
    const { id } = await jobInto([
      '{"id":9007199254740993,"code":"AB","late":true,"price":10.25,"at":"2026-11-22T05:00:00+01:00"}'.replace(
        '}',
        `,${JSON.stringify(others).slice(1)}`,
      ),
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
          ...others,
        },
        {
          id: '2',
          code: null,
          late: null,
          price: null,
          at: null,
          'nobody has it': null,
          ...nothing,
        },
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

  it.each([
    ['month', '2026-11', ['2026-11-01', '2026-11-22'], ['2026-10-31', '2026-12-01']],
    ['day', '2026-11-22', ['2026-11-22'], ['2026-11-21', '2026-11-23', '1969-12-31', '0101-01-01']],
  ])(
    'puts rows into the partitions of a table by %s, where a reader looks for them',
    async (unit, name, within, others) => {
      const columns = [ID, { id: 2, name: 'on', type: 'date' }];
      await lake.create('flights', columns, { sourceId: 2, transform: unit });
      const days = [...within, ...others, null];
      const { id } = await jobInto(days.map((on, i) => JSON.stringify({ id: i, on })));
      await product.settle(id);
      expect(await ids()).toEqual(days.map((_, i) => i));
      const inPartition = (await lake.s3.keys()).filter((key) => key.includes(`/data/${name}/`));
      expect(inPartition).toHaveLength(1);
      for (const [i, on] of days.entries()) {
        const where =
          on === null ? { type: 'is-null', term: 'on' } : { type: 'eq', term: 'on', value: on };
        expect((await lake.rows('flights', where)).map((row) => row.id)).toEqual([String(i)]);
      }
    },
  );

  it('puts rows into the partitions of a table by hour of a time with its zone', async () => {
    const columns = [ID, { id: 2, name: 'at', type: 'timestamptz' }];
    await lake.create('flights', columns, { sourceId: 2, transform: 'hour' });
    const times = [
      '2026-11-22T05:59:59.999999Z',
      '2026-11-22T07:00:00+01:00',
      '1969-12-31T23:59:59Z',
    ];
    const { id } = await jobInto(times.map((at, i) => JSON.stringify({ id: i, at })));
    await product.settle(id);
    expect(await ids()).toEqual([0, 1, 2]);
    const value = '2026-11-22T06:00:00+00:00';
    const found = await lake.rows('flights', { type: 'eq', term: 'at', value });
    expect(found.map((row) => row.id)).toEqual(['1']);
    const [{ summary } = { summary: {} }] = (await lake.show('flights')).snapshots ?? [];
    expect(summary).toMatchObject({ 'added-data-files': '3', 'total-records': '3' });
  });

  it('computes columns, filters, adds facts of the records, and leaves the other columns null', async () => {
    await lake.create('flights', [
      ID,
      { id: 2, name: 'late', type: 'boolean' },
      { id: 3, name: 'share', type: 'float' },
      { id: 4, name: 'raw', type: 'binary' },
      { id: 5, name: '_offset', type: 'int' },
      { id: 6, name: 'nested', type: 'string' },
    ]);
    const { id } = await jobInto(
      ['{"id":1,"delay":20,"raw":"AQID"}', '{"id":2,"delay":3}', '{"id":3,"delay":null}'],
      {
        columns: 'id, late = delay > 15, share = delay / 8, raw = from_base64(raw)',
        where: 'delay is not null',
        types: { delay: 'INTEGER' },
        metadata: ['_offset'],
      },
    );
    await product.settle(id);
    const rows = await lake.rows('flights');
    expect(rows.sort((a, b) => Number(a.id) - Number(b.id))).toEqual([
      {
        id: '1',
        late: 'true',
        share: '2.5',
        raw: expect.stringContaining('cap=3'),
        _offset: '0',
        nested: null,
      },
      { id: '2', late: 'false', share: '0.375', raw: null, _offset: '1', nested: null },
    ]);
  });

  it('takes in the columns that the table gets while it runs', async () => {
    await lake.create('flights', [ID]);
    const { id, topic } = await jobInto(['{"id":1,"code":"AB"}']);
    await product.settle(id);
    const fields = [
      { ...ID, required: false },
      { id: 2, name: 'code', type: 'string', required: false },
    ];
    await lake.change(
      'flights',
      { action: 'add-schema', schema: { type: 'struct', fields }, 'last-column-id': 2 },
      { action: 'set-current-schema', 'schema-id': -1 },
    );
    await produce(brokers, topic, { records: [{ value: '{"id":2,"code":"CD"}' }] });
    await product.settle(id);
    expect((await lake.rows('flights')).sort((a, b) => Number(a.id) - Number(b.id))).toEqual([
      { id: '1', code: null },
      { id: '2', code: 'CD' },
    ]);
  });

  it('remembers rows that do not fit the table, and loads them by a redrive, once', async () => {
    await lake.create(
      'flights',
      [
        { ...ID, required: true },
        { id: 2, name: 'on', type: 'date' },
      ],
      { sourceId: 2, transform: 'day' },
    );
    const values = [
      '{"id":1}',
      '{"id":"two"}',
      '{"on":"2026-01-01"}',
      '{"id":4,"on":"infinity"}',
      '{"id":null}',
    ];
    const { id } = await jobInto(values, { errors: { maxPerTenThousand: 10_000 } });
    await product.settle(id);
    expect(await ids()).toEqual([1]);
    const { call } = apiOver(product.tables, { clock: product.clock });
    const { body } = await call(`GET /jobs/${id}/dead-letters`);
    expect(body.deadLetters).toMatchObject([{ rows: 4 }]);

    await call(`POST /jobs/${id}/pause`);
    const patch = { columns: 'id = coalesce(try_cast(id as bigint), 7), "on" = null', types: null };
    expect((await call(`PATCH /jobs/${id}`, { body: patch })).status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    for (let times = 0; times < 2; times += 1) {
      await call(`POST /jobs/${id}/redrive`);
      await product.settle(id);
    }
    expect(await ids()).toEqual([1, 4, 7, 7, 7]);
  });
});

describe('a table that rows cannot be loaded into', () => {
  it.each([
    [
      'has no such column',
      {},
      { columns: 'id, other' },
      /columns: the table has no other, only id, tags/,
    ],
    [
      'has a nested column',
      {},
      {},
      /columns, tags: is list in the table, which cannot be written: leave it out/,
    ],
    [
      'has a column that must not be null',
      {},
      { columns: 'number = id' },
      /columns: must have id, which must not be null/,
    ],
    [
      'is partitioned in another way',
      { sourceId: 1, transform: 'bucket[4]' },
      {},
      /partitions of the table must be by the month, day, hour of one column, got part \(bucket\[4\]\)/,
    ],
  ])('pauses the job with the reason when it %s', async (_, by, more, reason) => {
    const tags = { type: 'list', 'element-id': 3, element: 'string', 'element-required': false };
    const columns = [
      { ...ID, required: true },
      { id: 2, name: 'tags', type: tags as never },
    ];
    await lake.create('flights', columns, 'transform' in by ? by : undefined);
    const { id } = await jobInto(['{"id":1}'], more);
    await product.settle(id);
    const job = await product.job(id);
    expect([job.state, job.reason?.message]).toEqual(['PAUSED', expect.stringMatching(reason)]);
    expect(await lake.s3.uploads()).toEqual([]);
  });

  it('pauses the job when it is not there, and is loaded into once it is', async () => {
    const { id } = await jobInto(['{"id":1}']);
    await product.settle(id);
    expect((await product.job(id)).reason).toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining(`table ${lake.namespace}.flights`),
    });
    await lake.create('flights', [ID]);
    const { call } = apiOver(product.tables, { clock: product.clock });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await ids()).toEqual([1]);
  });
});

describe('a loader that dies', () => {
  it.each<Death>(['prepare', 'decision', 'commit'])(
    'behind the %s leaves each row once',
    async (death) => {
      await lake.create('flights', [ID]);
      const many = Array.from({ length: 40 }, (_, i) => JSON.stringify({ id: i }));
      const { id } = await jobInto(many, { partitions: 2, batch: { maxRows: 12 } });
      await product.cycle();
      await product.load(id, {
        sinkOf: async (job) => dyingSink(await product.loader.sinkOf(job), death),
      });
      product.clock.forward(120_000);
      await product.settle(id);
      expect(await ids()).toEqual(many.map((_, i) => i));
      expect(await lake.s3.uploads()).toEqual([]);
      const { call } = apiOver(product.tables, { clock: product.clock });
      expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
        complete: true,
        totals: { rows: 40 },
      });
    },
  );
});

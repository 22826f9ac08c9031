import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables } from '../support/product.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { ORDER_FORMATS } from '../support/registry/order-values.ts';
import { startRegistryDouble } from '../support/registry/registry-double.ts';

/** What previews show, over HTTP, of records on a real broker. */

const brokers = inject('kafkaBrokers');
let previewing: Previewing;

beforeAll(async () => {
  previewing = previewingOver(await freshTables(inject('dynamodbEndpoint')));
});
afterAll(() => previewing.close());

async function topicOf(...records: readonly TestRecord[]): Promise<string> {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records });
  return topic;
}

const job = (topic: string, more: object = {}) => ({
  source: { kafka: { brokers, topic } },
  destination: { file: { table: 'flights' } },
  ...more,
});

it('a mapping with a filter: rows, what is filtered, what is bad and why, and what is skipped', async () => {
  const records = [
    { key: 'a', timestamp: 1_000, value: '{"id": 1, "code": "AA", "delay": 20}' },
    { timestamp: 2_000, value: '{"id": 2, "code": "BB", "delay": 5}' },
    { timestamp: 3_000, value: '{"id": 3, "code": "CC", "delay": "late"}' },
    { timestamp: 4_000, value: 'no JSON' },
    { timestamp: 5_000, value: null },
  ];
  const topic = await topicOf(...records);

  const asked = await previewing.ask({
    job: job(topic, {
      columns: 'id, code, late = delay > 15',
      where: 'delay > 10',
      types: { id: 'HUGEINT', delay: 'INTEGER' },
    }),
  });
  expect(asked).toMatchObject({ status: 202, body: { status: 'PENDING' } });
  expect(asked.headers.location).toBe(`/previews/${asked.body.id}`);
  expect(await previewing.make(asked.body.id)).toMatchObject({ end: 'done' });

  const { body } = await previewing.call(`GET ${asked.headers.location}`);
  expect(body).toMatchObject({
    status: 'DONE',
    rowFormat: 'ndjson',
    mappedBy: 'loader',
    read: { 0: { from: '0', to: '5' } },
    columns: [
      { name: 'id', type: 'HUGEINT' },
      { name: 'code', type: 'VARCHAR' },
      { name: 'late', type: 'BOOLEAN' },
    ],
    counts: { records: 5, rows: 1, elements: 1, filtered: 1, rejected: 2, skipped: 1 },
  });
  expect(body.records).toMatchObject([
    {
      partition: 0,
      offset: '0',
      timestamp: 1_000,
      key: 'a',
      value: records[0]!.value,
      rows: [{ id: 1, code: 'AA', late: true }],
    },
    { offset: '1', key: null, filtered: true },
    { offset: '2', rejected: { column: 'delay', reason: expect.stringContaining('INT32') } },
    { offset: '3', value: 'no JSON', rejected: { reason: expect.stringContaining('JSON') } },
    { offset: '4', value: null, skipped: 'policies.tombstone is skip' },
  ]);
});

it('values that are passed on as they are keep every digit, and their fields say what they look like', async () => {
  const topic = await topicOf(
    { value: '{"id": 12345678901234567890, "price": 1.50, "at": "2026-01-01"}' },
    { value: '{"id": 2, "price": 0.25, "name": "é"}' },
  );

  const { call, ask, make } = previewing;
  const { body } = await ask({
    job: job(topic, { destination: { file: { table: 't', metadata: ['_offset'] } } }),
  });
  await make(body.id);
  const { text, body: shown } = await call(`GET /previews/${body.id}`);

  expect(text).toContain(
    '"rows":[{"id":12345678901234567890,"price":1.50,"at":"2026-01-01","_offset":0}]',
  );
  expect(shown.records[1].rows).toEqual([{ id: 2, price: 0.25, name: 'é', _offset: 1 }]);
  expect(shown.columns).toEqual([
    { name: 'id', type: 'DECIMAL(38,0)' },
    { name: 'price', type: 'DOUBLE' },
    { name: 'at', type: 'DATE' },
    { name: 'name', type: 'VARCHAR' },
    { name: '_offset', type: 'BIGINT' },
  ]);
});

it('CSV to CSV: lines as they are written, without the line of names', async () => {
  const topic = await topicOf({ value: '1;"a, b"' }, { value: '2;"two\nlines"' }, { value: '3' });

  const shown = await previewing.preview({
    job: job(topic, {
      format: { type: 'csv', columnSeparator: ';', enclose: '"', columns: ['id', 'name'] },
      destination: { file: { table: 't', format: 'csv', header: true, metadata: ['_partition'] } },
    }),
  });

  expect(shown.rowFormat).toBe('csv');
  expect(shown.records).toMatchObject([
    { rows: ['1,"a, b",0'] },
    { rows: ['2,"two\nlines",0'] },
    { rejected: { reason: expect.any(String) } },
  ]);
  expect(shown.columns.map(({ name }: { name: string }) => name)).toEqual([
    'id',
    'name',
    '_partition',
  ]);
});

it('Parquet with inferred types and rows by date: rows as JSON, and the types of the columns', async () => {
  const topic = await topicOf(
    { value: '{"id": 1, "price": 9007199254740993.25, "day": "2026-01-31", "more": {"a": [1]}}' },
    { value: '{"id": 2, "price": 0.50, "day": null, "more": null}' },
  );

  const { body } = await previewing.ask({
    job: job(topic, {
      types: { price: 'DECIMAL(20,2)', day: 'DATE', '*': 'infer' },
      destination: {
        file: { table: 't', format: 'parquet', partitionBy: { column: 'day', unit: 'month' } },
      },
    }),
  });
  await previewing.make(body.id);
  const { text, body: shown } = await previewing.call(`GET /previews/${body.id}`);

  expect(shown.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'price', type: 'DECIMAL(20,2)' },
    { name: 'day', type: 'DATE' },
    { name: 'more', type: 'JSON' },
  ]);
  expect(text).toContain(
    '"rows":[{"id":1,"price":9007199254740993.25,"day":"2026-01-31","more":{"a":[1]}}]',
  );
  expect(text).toContain('"rows":[{"id":2,"price":0.50,"day":null,"more":null}]');
});

it('an array is several rows of one record, an empty one none', async () => {
  const topic = await topicOf({ value: '[{"id": 1}, {"id": 2}]' }, { value: '[]' });

  const shown = await previewing.preview({
    job: job(topic, { format: { type: 'json', stripOuterArray: true }, where: 'id::int < 9' }),
  });

  expect(shown.records).toMatchObject([
    { rows: [{ id: 1 }, { id: 2 }] },
    { skipped: 'an array without elements' },
  ]);
  expect(shown.counts).toMatchObject({ records: 2, rows: 1, elements: 2, skipped: 1 });
});

it('Avro with a registry: values are decoded, and one of an unknown schema is bad with its bytes', async () => {
  const registry = await startRegistryDouble();
  try {
    const avro = ORDER_FORMATS.find(({ type }) => type === 'avro')!;
    registry.register(7, avro);
    const topic = await topicOf(
      { value: confluentFrame(7, avro.encode({ id: 1, name: 'Ann' })) },
      { value: confluentFrame(404, avro.encode({ id: 2, name: 'Bob' })) },
    );

    const shown = await previewing.preview({
      job: job(topic, {
        format: { type: 'avro', registry: { confluent: { url: registry.url } } },
        columns: 'id, name = upper(name)',
      }),
    });

    expect(shown.records).toMatchObject([
      { rows: [{ id: 1, name: 'ANN' }] },
      { valueBase64: expect.any(String), rejected: { reason: expect.stringContaining('404') } },
    ]);
  } finally {
    await registry.stop();
  }
});

it('a warehouse maps by itself: what is sent is shown, and its login is asked for by nobody', async () => {
  const topic = await topicOf({ value: '{"id": 1, "delay": 20}' }, { value: 'no JSON' });

  const shown = await previewing.preview({
    job: job(topic, {
      columns: 'id, late = delay > 15',
      where: 'delay > 100',
      destination: {
        doris: {
          frontends: ['127.0.0.1:1'],
          tls: false,
          database: 'air',
          table: 'flights',
          secretArn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:doris-AbCdEf',
        },
      },
    }),
  });

  expect(shown).toMatchObject({ status: 'DONE', mappedBy: 'warehouse' });
  expect(shown.records).toMatchObject([
    { rows: [{ id: 1, delay: 20 }] },
    { rejected: { reason: expect.stringContaining('JSON') } },
  ]);
});

it('is bounded: of a hundred records of 400 KB the beginnings are shown, and that they are', async () => {
  const value = JSON.stringify({ id: 1, text: 'x'.repeat(400_000), list: Array(1_000).fill('é') });
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: Array(100).fill({ value }), codec: 'zstd' });

  const { body } = await previewing.ask({ job: job(topic), maxRecords: 100 });
  await previewing.make(body.id);
  const { text, body: shown } = await previewing.call(`GET /previews/${body.id}`);

  expect(shown.status).toBe('DONE');
  expect(shown.records).toHaveLength(100);
  expect(Buffer.byteLength(text)).toBeLessThan(262_144);
  for (const record of shown.records) {
    expect(record).toMatchObject({ shortened: true, valueBytes: Buffer.byteLength(value) });
    expect(record.rows[0]).toMatchObject({ id: 1, text: expect.stringMatching(/^x+…$/) });
  }
});

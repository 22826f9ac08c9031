import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables } from '../support/product.ts';

const brokers = inject('kafkaBrokers');
let previewing: Previewing;

beforeAll(async () => {
  previewing = previewingOver(await freshTables(inject('dynamodbEndpoint')));
});
afterAll(() => previewing.close());

async function topicOf(records: readonly TestRecord[], partitions = 1): Promise<string> {
  const topic = await createTopic(brokers, { partitions });
  await produce(brokers, topic, { records });
  return topic;
}

const job = (topic: string, more: object = {}) => ({
  source: { kafka: { brokers, topic } },
  destination: { file: { table: 'flights' } },
  ...more,
});

const flights = [
  { key: 'a', timestamp: 1_000, value: '{"id": 1, "code": "AA", "delay": 20}' },
  { key: null, timestamp: 2_000, value: '{"id": 12345678901234567890, "code": "BB", "delay": 5}' },
  { timestamp: 3_000, value: '{"id": 3, "code": "CC", "delay": "late"}' },
  { timestamp: 4_000, value: 'no JSON' },
  { timestamp: 5_000, value: null },
];

describe('a preview', () => {
  it('shows the rows of a mapping, what is filtered, what is bad and why, and what is skipped', async () => {
    const topic = await topicOf(flights);

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
        value: flights[0]!.value,
        rows: [{ id: 1, code: 'AA', late: true }],
      },
      { offset: '1', key: null, filtered: true },
      { offset: '2', rejected: { column: 'delay', reason: expect.stringContaining('INT32') } },
      { offset: '3', value: 'no JSON', rejected: { reason: expect.stringContaining('JSON') } },
      { offset: '4', value: null, skipped: 'policies.tombstone is skip' },
    ]);
  });
});

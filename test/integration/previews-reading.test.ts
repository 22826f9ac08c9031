import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import {
  beginTransaction,
  createTopic,
  deleteRecordsBelow,
  produce,
  type TestRecord,
} from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables } from '../support/product.ts';

/** Which records previews look at. */

const brokers = inject('kafkaBrokers');
let previewing: Previewing;

beforeAll(async () => {
  previewing = previewingOver(await freshTables(inject('dynamodbEndpoint')));
});
afterAll(() => previewing.close());

const records = (partition: number, count: number): TestRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    partition,
    value: `{"n": ${n}}`,
    timestamp: 1_000 + n,
  }));

/** `partition/offset` of every record that a preview shows. */
async function positions(topic: string, asked: object, kafka: object = {}): Promise<string[]> {
  const shown = await previewing.preview({
    job: {
      source: { kafka: { brokers, topic, ...kafka } },
      destination: { file: { table: 't' } },
    },
    ...asked,
  });
  expect(shown.status).toBe('DONE');
  return shown.records.map(
    ({ partition, offset }: { partition: number; offset: string }) => `${partition}/${offset}`,
  );
}

it('looks at the last records of all partitions by default, or at the first', async () => {
  const topic = await createTopic(brokers, { partitions: 3 });
  await produce(brokers, topic, { records: [...records(0, 50), ...records(2, 2)] });

  expect(await positions(topic, { maxRecords: 6 })).toEqual([
    ...['0/46', '0/47', '0/48', '0/49'],
    ...['2/0', '2/1'],
  ]);
  expect(await positions(topic, { maxRecords: 3, from: 'earliest' })).toEqual([
    ...['0/0', '0/1', '2/0'],
  ]);
  expect(await positions(topic, { maxRecords: 1 })).toEqual(['0/49']);
  expect(await positions(topic, {}, { partitions: [1] })).toEqual([]);
});

it('looks from given offsets or from a time on, and at no other partitions than are named', async () => {
  const topic = await createTopic(brokers, { partitions: 2 });
  await produce(brokers, topic, { records: [...records(0, 10), ...records(1, 10)] });

  const from = { 1: '7' };
  expect(await positions(topic, { from })).toEqual(['1/7', '1/8', '1/9']);
  expect(await positions(topic, { from: { 0: 'latest', 1: '8' }, maxRecords: 2 })).toEqual([
    ...['0/9', '1/8'],
  ]);
  const time = { timestamp: new Date(1_008).toISOString() };
  expect(await positions(topic, { from: time })).toEqual(['0/8', '0/9', '1/8', '1/9']);
  expect(await positions(topic, { from: { 0: '10' } })).toEqual([]);
});

it('finds the last records behind markers and aborted ones', async () => {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: records(0, 3) });
  const transaction = await beginTransaction(brokers, topic);
  await transaction.send(records(0, 40));
  await transaction.abort();

  expect(await positions(topic, { maxRecords: 2 })).toEqual(['0/1', '0/2']);
});

it('an offset that the log does not have any more, and a partition that there is not, are named', async () => {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: records(0, 10) });
  await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 6n });
  const asked = (from: object) =>
    previewing.preview({
      job: { source: { kafka: { brokers, topic } }, destination: { file: { table: 't' } } },
      from,
    });

  expect(await asked({ 0: '5' })).toMatchObject({
    status: 'FAILED',
    failure: {
      code: 'OFFSET_OUT_OF_RANGE',
      message: 'partition 0 has the offsets 6 to 10, got 5',
    },
  });
  expect(await asked({ 1: 'latest' })).toMatchObject({
    status: 'FAILED',
    failure: { code: 'PARTITION_NOT_FOUND' },
  });
});

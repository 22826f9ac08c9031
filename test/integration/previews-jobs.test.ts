import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTopic, produce } from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Previews of jobs that exist: as they are, and as they would be altered. */

const brokers = inject('kafkaBrokers');
let product: Product;
let previewing: Previewing;

beforeAll(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  previewing = previewingOver(tables);
});
afterAll(async () => {
  await previewing.close();
  await product.close();
});

const rows = (...values: readonly string[]) => values.map((value) => ({ value }));

/** Asks for a preview of a job, makes it, and shows it. */
async function previewOf(job: string, body: object = {}) {
  const { call, make } = previewing;
  const asked = await call(`POST /jobs/${job}/preview`, { body });
  expect(asked.status).toBe(202);
  await make(asked.body.id);
  return (await call(`GET /previews/${asked.body.id}`)).body;
}

it('a job that paused for bad rows shows these, and how an alteration would read them', async () => {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: rows('{"delay": 5}', '{"delay": 6}') });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    types: { delay: 'INTEGER' },
    columns: 'delay',
    destination: { file: { table: 'flights' } },
  });
  await product.settle(id);
  await produce(brokers, topic, { records: rows('{"delay": 7}', '{"delay": 7.5}') });
  await product.settle(id);
  const before = await product.job(id);
  expect(before).toMatchObject({ state: 'PAUSED', reason: { code: 'TOO_MANY_BAD_ROWS' } });

  expect((await previewOf('flights')).records).toMatchObject([
    { offset: '3', rejected: { column: 'delay', reason: expect.any(String) } },
  ]);
  const patch = { types: { delay: 'DECIMAL(4,1)' }, columns: 'delay, late = delay > 7.2' };
  expect((await previewOf(id, { patch })).records).toMatchObject([
    { offset: '3', rows: [{ delay: 7.5, late: true }] },
  ]);
  expect((await previewOf(id, { from: 'earliest', maxRecords: 1 })).records).toMatchObject([
    { offset: '0', rows: [{ delay: 5 }] },
  ]);
  expect(await product.job(id)).toEqual(before);
});

it('types that were inferred for a job count for its previews, and the last records show where nothing is left', async () => {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: rows('{"id": 1, "at": "2026-01-31"}') });
  const { id } = await product.createJob({
    name: 'typed',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    types: 'infer',
    destination: { file: { table: 'typed', format: 'csv' } },
  });
  await product.settle(id);
  expect((await previewOf(id)).records).toMatchObject([{ offset: '0', rows: ['1,2026-01-31'] }]);

  await produce(brokers, topic, { records: rows('{"id": "x", "at": null, "new": 1}') });
  const shown = await previewOf(id, { from: { 0: '1' } });

  expect(shown.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'at', type: 'DATE' },
  ]);
  expect(shown.records).toMatchObject([{ rejected: { column: 'id' } }]);
});

it('what PATCH would not take is refused, below the patch, and so is a job that there is not', async () => {
  const { id } = await product.createJob({
    name: 'fixed',
    source: { kafka: { brokers, topic: 'any' } },
    destination: { file: { table: 'fixed' } },
  });
  const patch = { source: { kafka: { topic: 'other' } }, seek: 'latest' };

  const answer = await previewing.call(`POST /jobs/${id}/preview`, { body: { patch } });
  expect(answer.status).toBe(400);
  expect(answer.body.errors).toEqual([{ pointer: '/patch/seek', detail: 'is not a known field' }]);
  const topic = await previewing.call(`POST /jobs/${id}/preview`, {
    body: { patch: { source: { kafka: { topic: 'other' } } } },
  });
  expect(topic.body.errors).toMatchObject([{ pointer: '/patch/source/kafka/topic' }]);
  expect(await previewing.call('POST /jobs/nothing/preview')).toMatchObject({
    status: 404,
    body: { code: 'JOB_NOT_FOUND' },
  });
});

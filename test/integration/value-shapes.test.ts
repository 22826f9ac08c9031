import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

const brokers = inject('kafkaBrokers');
let product: Product;
let call: Call;

beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

type Given = Pick<JobSpecInput, 'destination'> & Partial<JobSpecInput>;

async function loaded(records: Parameters<typeof produce>[2]['records'], spec: Given) {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records });
  const { id } = await product.createJob({
    name: 'shapes',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    ...spec,
  });
  await product.settle(id);
  const lines = (await product.lines('shapes')).map((line) => JSON.parse(line) as unknown);
  const { body: tasks } = await call(`GET /jobs/${id}/tasks`);
  const { body: proof } = await call(`GET /jobs/${id}/verify`);
  const { body: job } = await call(`GET /jobs/${id}`);
  return { id, lines, task: tasks.tasks[0], proof, job };
}

const file = (more: object = {}) => ({ file: { table: 'shapes', ...more } });

test.each([
  ['by bytes', {}, 3],
  ['by the engine', { types: { n: 'INTEGER' }, where: 'n <> 2' }, 2],
])('arrays become rows %s, and offsets are proven record by record', async (_, mapping, rows) => {
  const { lines, task, proof, job } = await loaded(
    [
      { value: '{"data":[{"n":1},{"n":2}]}' },
      { value: '{"data":[]}' },
      { value: '{"data":[{"n":3}]}' },
      { value: '{"data":[{"n":4},5]}' },
    ],
    {
      ...mapping,
      format: { type: 'json', jsonRoot: '$.data', stripOuterArray: true },
      errors: { maxPerTenThousand: 10 },
      destination: file(),
    },
  );
  const all = [{ n: 1 }, { n: 2 }, { n: 3 }];
  expect(lines).toEqual(rows === 3 ? all : [{ n: 1 }, { n: 3 }]);
  expect(task.statistics).toMatchObject({ rows: 2, skipped: 1, rejected: 1 });
  expect(task.statistics.elements).toBe(rows === 3 ? 3 : undefined);
  expect(proof).toMatchObject({
    complete: true,
    totals: { offsets: '4', rows: 2, elements: rows, skipped: 1, rejected: 1, holes: '0' },
  });
  expect(job.statistics).toMatchObject({ rows: 2, elements: rows, skipped: 1, rejected: 1 });
});

test('rows of arrays are summed over partitions, lanes and divisions', async () => {
  const topic = await createTopic(brokers, { partitions: 3 });
  const { id } = await product.createJob({
    name: 'shapes',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    format: { type: 'json', stripOuterArray: true },
    destination: file(),
  });
  for (const desiredConcurrency of [1, 3]) {
    const records = [0, 1, 2].flatMap((partition) => [
      {
        partition,
        value: JSON.stringify(Array.from({ length: partition + 2 }, (_, n) => ({ n }))),
      },
      { partition, value: '[]' },
    ]);
    await produce(brokers, topic, { records });
    await product.settle(id);
    await call(`POST /jobs/${id}/pause`);
    await call(`PATCH /jobs/${id}`, { body: { desiredConcurrency } });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
  }

  const elements = (await product.lines('shapes')).length;
  expect(elements).toBe(2 * (2 + 3 + 4));
  const { body: proof } = await call(`GET /jobs/${id}/verify`);
  expect(proof).toMatchObject({
    complete: true,
    totals: { offsets: '12', rows: 6, elements, skipped: 6 },
  });
  const { body: job } = await call(`GET /jobs/${id}`);
  expect(job).toMatchObject({ generation: 3, statistics: { rows: 6, elements, skipped: 6 } });
});

test('a tombstone that deletes is marked in the file, and its task says so', async () => {
  const { id, lines, task } = await loaded(
    [
      { value: '{"n":1}', key: 'a' },
      { value: null, key: 'a' },
    ],
    {
      policies: { tombstone: 'delete' },
      destination: file({ metadata: ['_key', '_deleted'] }),
    },
  );
  expect(lines).toEqual([
    { n: 1, _key: 'a', _deleted: false },
    { _key: 'a', _deleted: true },
  ]);
  const { body } = await call(`GET /jobs/${id}/tasks/${task.id}`);
  expect(body.decision.policies).toEqual([
    { policy: 'tombstone', action: 'delete', partition: 0, count: 1, from: '1', to: '2' },
  ]);
});

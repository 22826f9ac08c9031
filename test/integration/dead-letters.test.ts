import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
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

const records = [
  { value: '{"n":1}' },
  { value: 'no json' },
  { value: '{"n":"x"}', key: 'k' },
  { value: Buffer.from([0xff, 0xfe]) },
];

async function loaded(values: typeof records, spec: object = {}): Promise<string> {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: values });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: 'flights' } },
    errors: { maxPerTenThousand: 100 },
    ...spec,
  });
  await product.settle(id);
  return id;
}

async function letters() {
  const directory = join(product.directory, 'flights', '_dead_letters');
  const names = await readdir(directory).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const lines = texts.join('').split('\n').slice(0, -1);
  return { names, rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const rowFiles = async () =>
  (await readdir(join(product.directory, 'flights'))).filter((name) => !name.startsWith('_'));

describe('bad rows within the limits', () => {
  test.each([
    ['by bytes', {}],
    ['by the engine', { types: { n: 'INTEGER' } }],
  ])('are kept beside the rows and shown as samples, found %s', async (_, spec) => {
    const id = await loaded(records, spec);
    const { names, rows } = await letters();
    expect(names).toEqual(await rowFiles());
    const isTyped = 'types' in spec;
    expect(rows.map(({ offset }) => offset).sort()).toEqual(isTyped ? ['1', '2', '3'] : ['1', '3']);
    expect(rows.find(({ offset }) => offset === '3')).toMatchObject({
      partition: 0,
      column: null,
      reason: 'not valid JSON: unexpected 0xff at byte 0',
      key: null,
      valueBase64: '//4=',
    });
    if (isTyped) {
      expect(rows.find(({ offset }) => offset === '2')).toMatchObject({
        column: 'n',
        reason: "cannot be read as INTEGER without loss: Could not convert string 'x' to INT32",
        key: 'k',
        value: '{"n":"x"}',
      });
    }
    const { body } = await call(`GET /jobs/${id}/errors`);
    expect(body.tasks[0]).toMatchObject({ rejected: rows.length });
    expect(body.tasks[0].badRows.map((row: { offset: string }) => row.offset).sort()).toEqual(
      rows.map(({ offset }) => offset).sort(),
    );
  });

  test('are kept where there is no row beside them', async () => {
    await loaded([{ value: 'no json' }]);
    expect(await rowFiles()).toEqual([]);
    expect((await letters()).rows).toHaveLength(1);
    expect(await readdir(join(product.directory, 'flights', '_staging'))).toEqual([]);
  });

  test('are named with their column when there are too many of them', async () => {
    const id = await loaded([{ value: '{"n":"x"}' }], {
      types: { n: 'INTEGER' },
      errors: { maxPerTenThousand: 0 },
    });
    const { reason } = await product.job(id);
    expect(reason.code).toBe('TOO_MANY_BAD_ROWS');
    expect(reason.message).toContain(
      'e.g. partition 0 offset 0 column "n": cannot be read as INTEGER',
    );
  });

  test('leave nothing behind when their slice is not committed', async () => {
    const id = await loaded(records, { errors: { maxPerTenThousand: 0 } });
    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'TOO_MANY_BAD_ROWS' },
    });
    expect((await letters()).rows).toEqual([]);
    expect(await rowFiles()).toEqual([]);
    expect(await readdir(join(product.directory, 'flights', '_staging'))).toEqual([]);
  });
});

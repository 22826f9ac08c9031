import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';

const brokers = inject('kafkaBrokers');
let product: Product;
let call: Call;

beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

const flights = Array.from({ length: 3_000 }, (_, n) => ({
  partition: n % 3,
  value:
    n % 100 === 7
      ? JSON.stringify({ n, delay: 'unknown' })
      : JSON.stringify({ n, code: `A${n % 5}`, delay: n % 40, price: n / 100 }),
}));

async function create(spec: object): Promise<string> {
  const topic = await createTopic(brokers, { partitions: 3 });
  await produce(brokers, topic, { records: flights });
  const { status, body } = await call('POST /jobs', {
    body: {
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      errors: { maxPerTenThousand: 200 },
      desiredConcurrency: 2,
      ...spec,
    },
  });
  expect(body).toMatchObject({ name: 'flights' });
  expect(status).toBe(201);
  return body.id;
}

const mapping = {
  columns: 'n, code, delay, late = delay > 15, cents = (price * 100)::integer',
  where: 'delay >= 10',
  types: { n: 'bigint', delay: 'int', price: 'decimal(12,2)' },
};

const isBad = (n: number) => n % 100 === 7;
const good = flights.map((_, n) => n).filter((n) => !isBad(n) && n % 40 >= 10);

describe('a job with a mapping and a filter', () => {
  test('loads what the expressions say, and every offset is a row, filtered or rejected', async () => {
    const id = await create({ ...mapping, destination: { file: { table: 'flights' } } });
    await product.settle(id);

    const lines = (await product.lines('flights')).map((line) => JSON.parse(line));
    lines.sort((a, b) => a.n - b.n);
    expect(lines).toEqual(
      good.map((n) => ({
        n,
        code: `A${n % 5}`,
        delay: n % 40,
        late: n % 40 > 15,
        cents: n,
      })),
    );
    const { body } = await call(`GET /jobs/${id}/verify`);
    const rejected = flights.filter((_, n) => isBad(n)).length;
    const filtered = 3_000 - rejected - good.length;
    expect(body).toMatchObject({
      complete: true,
      totals: { offsets: '3000', rows: good.length, filtered, rejected, skipped: 0, holes: '0' },
    });
    const job = await call(`GET /jobs/${id}`);
    expect(job.body.statistics).toMatchObject({ rows: good.length, filtered, rejected });
    expect(job.body.spec.types).toEqual({ n: 'BIGINT', delay: 'INTEGER', price: 'DECIMAL(12,2)' });
  });

  test('loads typed Parquet with metadata columns, one file per task', async () => {
    const id = await create({
      ...mapping,
      destination: {
        file: { table: 'flights', format: 'parquet', metadata: ['_partition', '_offset'] },
      },
    });
    await product.settle(id);

    const directory = join(product.directory, 'flights');
    const files = (await readdir(directory)).filter((name) => !name.startsWith('_'));
    const tasks = (await product.tasks(id)).filter(({ decision }) => decision?.handle);
    expect(files).toHaveLength(tasks.length);
    const from = `read_parquet('${directory}/*.parquet')`;
    expect(await query(`select column_name, column_type from (describe from ${from})`)).toEqual([
      ['n', 'BIGINT'],
      ['code', 'VARCHAR'],
      ['delay', 'INTEGER'],
      ['late', 'BOOLEAN'],
      ['cents', 'INTEGER'],
      ['_partition', 'INTEGER'],
      ['_offset', 'BIGINT'],
    ]);
    const rows = await query(
      `select n, code, delay, late, cents, _partition, _offset from ${from} order by n`,
    );
    expect(rows).toEqual(
      good.map((n) => [
        String(n),
        `A${n % 5}`,
        n % 40,
        n % 40 > 15,
        n,
        n % 3,
        String(Math.floor(n / 3)),
      ]),
    );
    expect(
      await query(`select distinct compression from parquet_metadata('${directory}/*.parquet')`),
    ).toEqual([['ZSTD']]);
  });

  test('pauses at its first slice with what the engine says, and loads after it was altered', async () => {
    const id = await create({
      columns: 'n, late = delay > 15',
      destination: { file: { table: 'flights' } },
    });
    await product.settle(id);
    const paused = await product.job(id);
    expect(paused.state).toBe('PAUSED');
    expect(paused.reason.code).toBe('SCHEMA_MISMATCH');
    expect(paused.reason.message).toContain('columns, late: Binder Error: Cannot compare');
    expect(paused.reason.message).toContain('fields without a type are VARCHAR');

    const types = { delay: 'INTEGER' };
    expect((await call(`PATCH /jobs/${id}`, { body: { types } })).status).toBe(200);
    expect((await call(`POST /jobs/${id}/resume`)).status).toBe(200);
    await product.settle(id);
    const rejected = flights.filter((_, n) => isBad(n)).length;
    expect(await product.lines('flights')).toHaveLength(3_000 - rejected);
  });

  test('is refused with all its faults at once when they show without an engine', async () => {
    const { status, body } = await call('POST /jobs', {
      body: {
        name: 'faulty',
        source: { kafka: { brokers, topic: 'any' } },
        columns: 'a = (b, c',
        where: 'x; drop table y',
        types: { n: 'int', N: 'int' },
        destination: { s3: { bucket: 'bucket', format: 'parquet', compression: 'gzip' } },
      },
    });
    expect(status).toBe(400);
    const faults = body.errors.map(
      ({ pointer, detail }: { pointer: string; detail: string }) => `${pointer}: ${detail}`,
    );
    expect(faults).toEqual([
      '/columns: must be closed by )',
      '/where: must not have semicolons',
      '/types: must not have names that differ in capital letters only',
      '/destination/s3/compression: must be none for parquet, whose columns are compressed each for itself',
    ]);
  });
});

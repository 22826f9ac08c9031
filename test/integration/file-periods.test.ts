import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { committedFiles, readRows } from '../../infra/local/demo/table-files.ts';
import { apiOver } from '../support/api-calls.ts';
import { type MidwayDeath, sinkDyingMidway } from '../support/dying-sink.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';

/** A table of files in directories by the hour of a column, on real parts. */

const brokers = inject('kafkaBrokers');
let product: Product;
beforeEach(async () => {
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')));
});
afterEach(() => product.close());

/** 40 records of two partitions in four hours around a midnight, or without a date; two of them are bad. */
const at = (n: number) =>
  n % 10 === 7 ? null : new Date(Date.UTC(2026, 0, 1, 22 + (n % 4), n)).toISOString();
const records = Array.from({ length: 40 }, (_, n) => ({
  partition: n % 2,
  value: n % 20 === 13 ? '{"n":"bad"}' : JSON.stringify({ n, at: at(n) }),
}));
const good = records.map((_, n) => n).filter((n) => n % 20 !== 13);

async function createJob(format: 'parquet' | 'csv'): Promise<string> {
  const topic = await createTopic(brokers, { partitions: 2 });
  await produce(brokers, topic, { records });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    columns: 'n, at, _partition, _offset',
    types: { n: 'INTEGER', at: 'TIMESTAMP' },
    destination: {
      file: { table: 'flights', format, partitionBy: { column: 'at', unit: 'hour' } },
    },
    batch: { maxRows: 15 },
    errors: { maxPerTenThousand: 10_000 },
  });
  return id;
}

const NONE = '__HIVE_DEFAULT_PARTITION__';
const directoryOf = (n: number) => {
  const [date = '', hour] = at(n)?.split(/T|:/) ?? [];
  const [year, month, day] = date.split('-');
  return hour === undefined
    ? `year=${NONE}/month=${NONE}/day=${NONE}/hour=${NONE}`
    : `year=${year}/month=${month}/day=${day}/hour=${hour}`;
};

it.each<MidwayDeath | undefined>([
  undefined,
  { at: 'write', after: 1 },
  { at: 'commit', after: 1 },
  { at: 'commit', after: 2 },
])(
  'each row is in the Parquet of its hour once, as readers of Hive directories see it, when a loader dies at %j',
  async (death) => {
    const id = await createJob('parquet');
    await product.cycle();
    await product.load(id, {
      sinkOf: async (job) => {
        const own = await product.loader.sinkOf(job);
        return death ? sinkDyingMidway(own, death) : own;
      },
    });
    product.clock.forward(120_000);
    await product.settle(id);

    const table = join(product.directory, 'flights');
    const files = `read_parquet('${table}/year=*/**/*.parquet', hive_partitioning = true, hive_types_autocast = false, filename = true)`;
    const rows = await query(
      `select n, split_part(filename, '${table}/', 2), year, hour from ${files} order by n`,
    );
    expect(rows.map(([n, file]) => [n, String(file).split('/').slice(0, -1).join('/')])).toEqual(
      good.map((n) => [n, directoryOf(n)]),
    );
    expect(rows[0]?.slice(2)).toEqual(['2026', '22']);
    expect(rows.find(([n]) => n === 7)?.slice(2)).toEqual([null, null]);
    expect(await readdir(join(table, '_staging'))).toEqual([]);
    expect((await product.tasks(id)).every(({ status }) => status === 'DONE')).toBe(true);
    const { call } = apiOver(product.tables, { clock: product.clock });
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      totals: { rows: good.length, rejected: 2 },
    });
  },
);

it('the verification that reads tables by itself finds the files of all directories, and no others', async () => {
  const id = await createJob('csv');
  await product.settle(id);
  const table = join(product.directory, 'flights');
  const files = await committedFiles(table, 'csv');
  const positions: string[] = [];
  for (const file of files) {
    await readRows(file, 'csv', (row) => void positions.push(`${row.partition}/${row.offset}`));
    expect((await readFile(file, 'utf8')).startsWith('n,at,_partition,_offset\n')).toBe(true);
  }
  expect(positions.sort()).toEqual(good.map((n) => `${n % 2}/${Math.floor(n / 2)}`).sort());
  expect(new Set(files).size).toBe(files.length);
  expect(files.some((file) => file.includes('/_'))).toBe(false);
});

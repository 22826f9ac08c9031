import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RowBuffer } from '../../../../../functions/loader/rows/row-buffer.ts';
import {
  contentOf,
  JoinedFooter,
} from '../../../../../functions/loader/transform/parquet/footers.ts';
import {
  ThriftCopy,
  writeInteger,
} from '../../../../../functions/loader/transform/parquet/thrift-copy.ts';

let directory: string;
let engine: DuckDBInstance;
let ask: (sql: string) => Promise<unknown[][]>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'footers-'));
  engine = await DuckDBInstance.create(':memory:');
  const connection = await engine.connect();
  ask = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
});
afterAll(async () => {
  engine.closeSync();
  await rm(directory, { recursive: true });
});

/** A column of each type that a job can have; repeated words get dictionaries and Bloom filters. */
const COLUMNS = [
  'n::bigint as n',
  "'word ' || (n % 7) as word",
  '(n % 3 = 0) as ok',
  'n::double / 3 as ratio',
  'n::decimal(38,2) as price',
  "date '2026-01-01' + (n % 100)::integer as d",
  "timestamp '2026-01-01' + to_seconds(n) as at",
  "(timestamp '2026-01-01' + to_seconds(n))::timestamptz as seen",
  "time '00:00:00' + to_seconds(n % 80000) as clock",
  'md5(n::varchar)::uuid as id',
  "('{\"a\":' || n || '}')::json as doc",
  "case when n % 5 > 0 then repeat('x', (n % 50)::integer) end as gaps",
  'null::varchar as void',
  '[n, null, n + 1] as list',
  "{'a': n, 'b': ['x']} as pair",
].join(', ');

interface PartFile {
  readonly data: Buffer;
  readonly footer: Buffer;
}

async function partOf(from: number, rows: number, columns = COLUMNS): Promise<PartFile> {
  const file = join(directory, 'part.parquet');
  const options = 'format parquet, compression zstd, row_group_size 2048';
  await ask(
    `copy (select ${columns} from range(${from}, ${from + rows}) r(n)) to '${file}' (${options})`,
  );
  const bytes = await readFile(file);
  const end = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  return { data: bytes.subarray(4, end), footer: bytes.subarray(end, -8) };
}

async function joined(parts: readonly PartFile[]): Promise<string> {
  const footer = new JoinedFooter();
  let length = 0;
  for (const part of parts) {
    footer.add(part.footer, BigInt(length));
    length += part.data.length;
  }
  const described = footer.bytes();
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(described.length);
  const magic = Buffer.from('PAR1');
  const file = join(directory, 'joined.parquet');
  await writeFile(
    file,
    Buffer.concat([magic, ...parts.map(({ data }) => data), described, tail, magic]),
  );
  return `'${file}'`;
}

it('files of any sizes, joined, are the table that they are together', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, async (rows) => {
      const parts: PartFile[] = [];
      let next = 0;
      for (const count of rows) {
        parts.push(await partOf(next, count));
        next += count;
      }
      const file = await joined(parts);
      const all = `select ${COLUMNS} from range(${next}) r(n)`;
      expect(await ask(`select count(*)::integer from (from ${file} except all ${all})`)).toEqual([
        [0],
      ]);
      const inOrder = `select count(*)::integer from read_parquet(${file}, file_row_number = true) where n = file_row_number`;
      expect(await ask(inOrder)).toEqual([[next]]);
      // What only statistics and Bloom filters find.
      const wanted = next - 1;
      expect(
        await ask(
          `select count(*)::integer from ${file} where n = ${wanted} and word = 'word ${wanted % 7}'`,
        ),
      ).toEqual([[1]]);
      const groups = await ask(
        `select distinct row_group_id::integer, row_group_num_rows::integer from parquet_metadata(${file}) order by 1`,
      );
      expect(groups.map(([id]) => id)).toEqual(groups.map((_, i) => i));
      expect(groups.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(next);
    }),
    { numRuns: 12 },
  );
}, 60_000);

it('a footer that is copied without a change is the same bytes', async () => {
  const { footer } = await partOf(0, 5_000);
  const out = new RowBuffer(64);
  const copy = new ThriftCopy(footer);
  copy.copy(12, out, {});
  expect(out.take()).toEqual(footer);
  expect(copy.at).toBe(footer.length);
});

it('integers of 64 bits are written as they are read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const out = new RowBuffer(16);
      writeInteger(out, value);
      expect(new ThriftCopy(out.take()).integer()).toBe(value);
    }),
  );
});

it('a footer tells rows and bytes before their compression', async () => {
  const { footer, data } = await partOf(0, 5_000, "repeat('x', 100) || n as x");
  const { rows, bytes } = contentOf(footer);
  expect(rows).toBe(5_000);
  expect(bytes).toBeGreaterThan(500_000);
  expect(data.length).toBeLessThan(bytes);
});

it.each([
  ['other columns', 'n::bigint as m'],
  ['other types', 'n::integer as n'],
  ['more columns', 'n::bigint as n, 1 as one'],
])('files with %s are not joined', async (_, columns) => {
  const parts = [await partOf(0, 10, 'n::bigint as n'), await partOf(0, 10, columns)];
  await expect(joined(parts)).rejects.toMatchObject({
    code: 'INTERNAL',
    message: 'parquet files to be joined must not differ in schema',
  });
});

it('a footer that was cut off is not read', async () => {
  const { footer } = await partOf(0, 10);
  expect(() => contentOf(footer.subarray(0, -1))).toThrow('thrift value ends too early');
});

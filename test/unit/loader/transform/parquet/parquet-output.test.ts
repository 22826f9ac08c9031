import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { query } from '../../../../support/query.ts';
import { type Given, transformed } from '../transformed.ts';

const GIVEN: Given = { types: { n: 'BIGINT', note: 'VARCHAR' }, file: { format: 'parquet' } };

async function groupsOf(bytes: Buffer): Promise<{ groups: number[]; inOrder: boolean }> {
  const directory = await mkdtemp(join(tmpdir(), 'parquet-output-'));
  try {
    const file = join(directory, 'rows.parquet');
    await writeFile(file, bytes);
    const rows = await query(
      `select distinct row_group_id, row_group_num_rows::integer from parquet_metadata('${file}') order by 1`,
    );
    const astray = await query(
      `select n from read_parquet('${file}', file_row_number = true) where n <> file_row_number`,
    );
    return { groups: rows.map(([, count]) => Number(count)), inOrder: astray.length === 0 };
  } finally {
    await rm(directory, { recursive: true });
  }
}

it('small chunks become row groups together, in the order of their records', async () => {
  const records = Array.from({ length: 150_000 }, (_, n) => `{"n":${n}}`);
  const { bytes, statistics } = await transformed(GIVEN, records, 200_000);
  const { groups, inOrder } = await groupsOf(bytes);
  expect(inOrder).toBe(true);
  expect(groups.reduce((sum, count) => sum + count, 0)).toBe(150_000);
  expect(groups).toHaveLength(3);
  expect(Math.min(...groups.slice(0, -1))).toBeGreaterThanOrEqual(61_440);
  expect(statistics.writtenBytes).toBe(bytes.length);
}, 30_000);

it('large chunks become a row group each', async () => {
  const note = Array.from({ length: 500 }, (_, i) => i.toString(36)).join('');
  const records = Array.from({ length: 16_000 }, (_, n) => `{"n":${n},"note":"${n}${note}"}`);
  const { bytes } = await transformed(GIVEN, records, 6_000_000);
  const { groups, inOrder } = await groupsOf(bytes);
  expect(inOrder).toBe(true);
  expect(groups).toHaveLength(3);
}, 30_000);

it('a slice without a good row is no file', async () => {
  const { bytes } = await transformed(GIVEN, ['{"n":"x"}']);
  expect(bytes).toHaveLength(0);
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '../query.ts';

/** A Parquet file of one column `id`, whose number in the table is 1. */
export async function parquetOf(ids: readonly number[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'routine-load-parquet-'));
  const file = join(folder, 'rows.parquet');
  try {
    const rows = `unnest([${ids.join(', ')}])::bigint as id`;
    await query(`copy (select ${rows}) to '${file}' (format parquet, field_ids {'id': 1})`);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

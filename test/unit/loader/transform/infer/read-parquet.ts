import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '../../../../support/query.ts';

/** What a reader finds in a file of these bytes, `$file` in the question. */
export async function readParquet(
  { bytes }: { readonly bytes: Uint8Array },
  question: string,
): Promise<unknown[][]> {
  const directory = await mkdtemp(join(tmpdir(), 'inferred-'));
  try {
    const file = join(directory, 'rows.parquet');
    await writeFile(file, bytes);
    return await query(question.replaceAll('$file', `'${file}'`));
  } finally {
    await rm(directory, { recursive: true });
  }
}

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * The rows of the data sets in the npm package `vega-datasets`, each as the value of one Kafka record,
 * always in the same order: a row's number decides its partition and its key.
 */

/** Rows in groups; a group is never empty. */
export type RowGroups = AsyncIterable<readonly string[]>;

/** The package exports its code only; the data lies beside the folder of that. */
function pathOf(file: string): string {
  return fileURLToPath(new URL(`../data/${file}`, import.meta.resolve('vega-datasets')));
}

/** Every row of a Parquet file as a JSON object. One thread: with more, the order would be anybody's guess. */
export async function* parquetRows(file: string): RowGroups {
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await database.connect();
  try {
    const result = await connection.stream('select to_json(t)::varchar from read_parquet($1) t', [
      pathOf(file),
    ]);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk.getColumnValues(0) as string[];
    }
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

/** Every line of a CSV file but its first. The files used here have no line break inside a value. */
export async function* csvRows(file: string): RowGroups {
  const [, ...lines] = (await readFile(pathOf(file), 'utf8')).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  yield lines;
}

/** The elements of the array in a JSON file, or of the array in one of its fields. */
export async function* jsonRows(file: string, field?: string): RowGroups {
  const content: unknown = JSON.parse(await readFile(pathOf(file), 'utf8'));
  const rows = field === undefined ? content : (content as Record<string, unknown>)[field];
  if (!Array.isArray(rows)) throw new Error(`${file} must hold an array, got ${typeof rows}`);
  yield rows.map((row) => JSON.stringify(row));
}

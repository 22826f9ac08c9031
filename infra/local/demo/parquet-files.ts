import { DuckDBInstance } from '@duckdb/node-api';
import type { TableRow } from './row-content.ts';

/** Parquet files as the demo reads them, with an engine of its own. */

/** Hands over every row of a file, its columns in the order of the file. */
export async function readParquetRows(file: string, onRow: (row: TableRow) => void): Promise<void> {
  const { names, rows } = await ask('select * from $table', [file]);
  const [partition, offset] = [names.indexOf('_partition'), names.indexOf('_offset')];
  for (const cells of rows) {
    const own = names.flatMap((name, i) =>
      i === partition || i === offset ? [] : [[name, cells[i]]],
    );
    onRow({
      partition: Number(cells[partition]),
      offset: Number(cells[offset]),
      content: JSON.stringify(Object.fromEntries(own)),
    });
  }
}

/** What a query over files gives, as lines of text with the columns' names first. */
export async function queryParquet(query: string, files: readonly string[]): Promise<string[][]> {
  const { names, rows } = await ask(query, files);
  return [[...names], ...rows.map((cells) => cells.map((cell) => String(cell ?? '')))];
}

/** `$table` in the query stands for the files. */
async function ask(query: string, files: readonly string[]) {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
    const sql = query.replace('$table', () => `read_parquet([${list}])`);
    const reader = await connection.runAndReadAll(sql);
    return { names: reader.columnNames(), rows: reader.getRowsJson() };
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

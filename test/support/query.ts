import { DuckDBInstance } from '@duckdb/node-api';

/** What DuckDB, of an instance of its own, reads: rows of cells, 64-bit integers as decimal strings. */
export async function query(sql: string): Promise<unknown[][]> {
  const duckdb = await DuckDBInstance.create(':memory:');
  try {
    const connection = await duckdb.connect();
    const reader = await connection.runAndReadAll(sql);
    const rows = reader.getRowsJson();
    connection.closeSync();
    return rows;
  } finally {
    duckdb.closeSync();
  }
}

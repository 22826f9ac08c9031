import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readParquetRows } from './parquet-files.ts';
import { rowOfNdjson, rowsOfCsv, type TableRow, type TableShape } from './row-content.ts';

const NEWLINE = 10;

/**
 * The committed files of a table, also those in directories of periods, sorted by name. A table that was never written
 * to has none.
 */
export async function committedFiles(
  directory: string,
  tableFormat: TableShape['tableFormat'],
): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(`.${tableFormat}`))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/][._]/.test(path.slice(directory.length)))
    .sort();
}

/** Bytes of all these files. */
export async function sizeOf(files: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const file of files) bytes += (await stat(file)).size;
  return bytes;
}

/** Hands over every row of a file. */
export async function readRows(
  file: string,
  tableFormat: TableShape['tableFormat'],
  onRow: (row: TableRow) => void,
): Promise<void> {
  if (tableFormat === 'csv') {
    for (const row of rowsOfCsv(await readFile(file, 'utf8'))) onRow(row);
    return;
  }
  if (tableFormat === 'parquet') {
    await readParquetRows(file, onRow);
    return;
  }
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      onRow(rowOfNdjson(bytes.toString('utf8', start, end)));
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) throw new Error(`${file} must end with a line break, got half a row`);
}

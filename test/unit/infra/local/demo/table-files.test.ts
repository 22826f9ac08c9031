import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { committedFiles, readRows, sizeOf } from '../../../../../infra/local/demo/table-files.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'table-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function offsetsIn(content: string, tableFormat: 'ndjson' | 'csv'): Promise<number[]> {
  const file = join(directory, `table.${tableFormat}`);
  await writeFile(file, content);
  const offsets: number[] = [];
  await readRows(file, tableFormat, ({ offset }) => offsets.push(offset));
  return offsets;
}

describe('the files of a table', () => {
  it('are those that are committed: neither what is staged nor what is hidden', async () => {
    await mkdir(join(directory, '_staging'));
    const names = ['b.ndjson', 'a.ndjson', '_c.ndjson', '.d.ndjson', 'e.csv', '_staging/f.ndjson'];
    for (const name of names) await writeFile(join(directory, name), '12345');
    const files = await committedFiles(directory, 'ndjson');
    expect(files.map((file) => basename(file))).toEqual(['a.ndjson', 'b.ndjson']);
    expect(await sizeOf(files)).toBe(10);
  });

  it('are none where nothing was ever written', async () => {
    expect(await committedFiles(join(directory, 'none'), 'csv')).toEqual([]);
  });

  it('are read row by row, also where a row goes over the end of a chunk', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) =>
      JSON.stringify({ _partition: 0, _offset: i, text: 'ä€😀'.repeat(i % 30) }),
    );
    const offsets = await offsetsIn(`${rows.join('\n')}\n`, 'ndjson');
    expect(offsets).toEqual(rows.map((_, i) => i));
  });

  it('are refused when they end within a row', async () => {
    await expect(offsetsIn('{"_partition":0,"_offset":1}', 'ndjson')).rejects.toThrow(
      'must end with a line break, got half a row',
    );
  });

  it('are read as CSV, where a value may hold a line break', async () => {
    expect(await offsetsIn('_partition,_offset,a\n0,1,"x\ny"\n0,2,z\n', 'csv')).toEqual([1, 2]);
  });
});

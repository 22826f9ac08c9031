import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFileSink } from '../../../../functions/loader/sinks/file.ts';
import { labelOf, tableFolder } from './table-folder.ts';

describe('a directory', () => {
  it('outside of the roots is refused at once', async () => {
    const { root } = await tableFolder();
    const sinkIn = (directory: string) =>
      makeFileSink({
        roots: [root],
        destination: { table: 'flights', format: 'csv', directory },
        fileName: () => 'f.csv',
      });
    for (const directory of ['/etc', `${root}/..`, `${root}-other`, 'relative', '']) {
      expect(() => sinkIn(directory)).toThrow(
        expect.objectContaining({ code: 'DIRECTORY_NOT_ALLOWED' }),
      );
    }
  });

  it('that a symbolic link leads outside is refused by every method', async () => {
    const { root, table } = await tableFolder();
    const outside = await tableFolder();
    await mkdir(join(outside.root, 'target'));
    await symlink(join(outside.root, 'target'), table);
    const sink = makeFileSink({
      roots: [root],
      destination: { table: 'flights', format: 'ndjson' },
      fileName: () => 'f.ndjson',
    });
    const refused = { code: 'DIRECTORY_NOT_ALLOWED' };
    const handle = { staged: 's', final: 'f', bytes: 0, crc32: 0 };
    await expect(sink.open(labelOf(1))).rejects.toMatchObject(refused);
    await expect(sink.commit(handle)).rejects.toMatchObject(refused);
    await expect(sink.abort(labelOf(1))).rejects.toMatchObject(refused);
    await expect(sink.sweep!('J1', async () => true)).rejects.toMatchObject(refused);
    expect(await readdir(join(outside.root, 'target'))).toEqual([]);
  });

  it('whose staging directory leads outside is refused', async () => {
    const { sink, table, staging } = await tableFolder();
    const outside = await tableFolder();
    await mkdir(table);
    await symlink(outside.root, staging);
    await expect(sink().open(labelOf(1))).rejects.toMatchObject({ code: 'DIRECTORY_NOT_ALLOWED' });
  });

  it('may lie under a root that is itself a symbolic link', async () => {
    const { root } = await tableFolder();
    await mkdir(join(root, 'real'));
    await symlink(join(root, 'real'), join(root, 'link'));
    const sink = makeFileSink({
      roots: [join(root, 'link')],
      destination: { table: 'flights', format: 'ndjson', directory: join(root, 'link', 'deep/er') },
      fileName: () => 'f.ndjson',
    });
    const writer = await sink.open(labelOf(1));
    await sink.commit(await writer.prepare());
    expect(await readdir(join(root, 'real/deep/er/flights'))).toContain('f.ndjson');
  });
});

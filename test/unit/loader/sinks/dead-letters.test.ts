import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failingDisk, labelOf, tableFolder } from './table-folder.ts';

type Folder = Awaited<ReturnType<typeof tableFolder>>;

const lettersOf = ({ table }: Folder) =>
  readFile(join(table, '_dead_letters/flights-T1.ndjson'), 'utf8');

async function prepared(
  folder: Folder,
  parts: { rows?: string; letters?: string },
  disk?: Parameters<Folder['sink']>[0],
) {
  const writer = await folder.sink(disk).open(labelOf(1));
  if (parts.rows) await writer.write(Buffer.from(parts.rows));
  if (parts.letters) await writer.keep?.(Buffer.from(parts.letters));
  return writer.prepare();
}

describe('dead letters', () => {
  it('are committed with the rows, under the same name in a folder of their own', async () => {
    const folder = await tableFolder();
    const handle = JSON.parse(
      JSON.stringify(await prepared(folder, { rows: 'a\n', letters: 'b\n' })),
    );
    expect(await readdir(join(folder.table, '_dead_letters'))).toEqual([]);
    expect(await folder.sink().commit(handle)).toEqual({ kind: 'committed' });
    expect(await lettersOf(folder)).toBe('b\n');
    expect(await folder.visible()).toEqual(['flights-T1.ndjson']);
    expect(await readdir(folder.staging)).toEqual([]);
    expect(await folder.sink().commit(handle)).toEqual({ kind: 'already-committed' });
  });

  it('are committed alone where there are no rows', async () => {
    const folder = await tableFolder();
    const handle = await prepared(folder, { letters: 'b\n' });
    expect(await folder.sink().commit(handle)).toEqual({ kind: 'committed' });
    expect(await lettersOf(folder)).toBe('b\n');
    expect(await folder.visible()).toEqual([]);
  });

  it('are aborted and swept with the rows', async () => {
    const folder = await tableFolder();
    await prepared(folder, { rows: 'a\n', letters: 'b\n' });
    expect(await readdir(folder.staging)).toHaveLength(2);
    await folder.sink().abort(labelOf(1));
    expect(await readdir(folder.staging)).toEqual([]);
    await prepared(folder, { rows: 'a\n', letters: 'b\n' });
    const seen: string[] = [];
    await folder.sink().sweep!('J1', async ({ label }) => seen.push(label) > 0);
    expect(new Set(seen)).toEqual(new Set([labelOf(1)]));
    expect(await readdir(folder.staging)).toEqual([]);
  });

  it('are never written where a symbolic link leads outside of the roots', async () => {
    const [folder, other] = [await tableFolder(), await tableFolder()];
    await mkdir(folder.table, { recursive: true });
    await symlink(other.root, join(folder.table, '_dead_letters'));
    await expect(prepared(folder, { letters: 'b\n' })).rejects.toMatchObject({
      code: 'DIRECTORY_NOT_ALLOWED',
    });
  });

  it('and rows are both there exactly once, wherever a commit is cut short and done again', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let n = 0; ; n += 1) {
        const folder = await tableFolder();
        const handle = await prepared(folder, { rows: 'a\n', letters: 'b\n' });
        const disk = failingDisk(n, when);
        await folder
          .sink(disk)
          .commit(handle)
          .catch(() => undefined);
        const again = await folder.sink().commit(handle);
        expect(['committed', 'already-committed']).toContain(again.kind);
        expect([await lettersOf(folder), await readFile(folder.final, 'utf8')]).toEqual([
          'b\n',
          'a\n',
        ]);
        expect(await readdir(folder.staging)).toEqual([]);
        if (disk.calls.length <= n) break;
      }
    }
  });
});

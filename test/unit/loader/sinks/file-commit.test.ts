import { type link, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineDisk } from '../../../../functions/loader/sinks/file/disk.ts';
import { errno, failingDisk, labelOf, tableFolder } from './table-folder.ts';

describe('a commit', () => {
  it('that is repeated is already done', async () => {
    const { sink, prepared, visible } = await tableFolder();
    const handle = await prepared('a\n');
    await sink().commit(handle);
    expect(await sink().commit(handle)).toEqual({ kind: 'already-committed' });
    expect(await visible()).toEqual(['flights-T1.ndjson']);
  });

  it('by many at once is done by one of them', async () => {
    const { sink, prepared, visible, final } = await tableFolder();
    const handle = await prepared('a\n'.repeat(10_000));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => sink().commit(handle)));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual([
      ...Array.from({ length: 7 }, () => 'already-committed'),
      'committed',
    ]);
    expect(await visible()).toEqual(['flights-T1.ndjson']);
    expect(await readFile(final, 'utf8')).toHaveLength(20_000);
  });

  it('of what is gone is in doubt', async () => {
    const { sink, prepared, staging, visible } = await tableFolder();
    const handle = await prepared('a\n');
    await rm(join(staging, `${labelOf(1)}.ndjson`));
    expect(await sink().commit(handle)).toEqual({
      kind: 'in-doubt',
      message: `neither ${labelOf(1)}.ndjson nor flights-T1.ndjson is there`,
    });
    expect(await visible()).toEqual([]);
  });

  it.each([['x\n'], ['more\n'], ['']])(
    'never overwrites another writer’s file, here %j (F19)',
    async (foreign) => {
      const { sink, prepared, final, staging } = await tableFolder();
      const handle = await prepared('a\n');
      await writeFile(final, foreign);
      expect(await sink().commit(handle)).toMatchObject({ kind: 'in-doubt' });
      expect(await readFile(final, 'utf8')).toBe(foreign);
      expect(await readdir(staging)).toHaveLength(1);
    },
  );

  it('never overwrites a file that appears at the last moment', async () => {
    const { sink, prepared, final } = await tableFolder();
    const handle = await prepared('a\n');
    const disk = {
      ...machineDisk,
      link: async (from: Parameters<typeof link>[0], to: Parameters<typeof link>[1]) => {
        await writeFile(final, 'x\n');
        return machineDisk.link(from, to);
      },
    };
    expect(await sink(disk).commit(handle)).toMatchObject({ kind: 'in-doubt' });
    expect(await readFile(final, 'utf8')).toBe('x\n');
  });

  it('of a staged file that has lost bytes is in doubt (F20)', async () => {
    const { sink, prepared, staging, visible } = await tableFolder();
    const handle = await prepared('a\nb\n');
    await truncate(join(staging, `${labelOf(1)}.ndjson`), 2);
    expect(await sink().commit(handle)).toEqual({
      kind: 'in-doubt',
      message: `${labelOf(1)}.ndjson has 2 bytes, prepared were 4`,
    });
    expect(await visible()).toEqual([]);
  });

  it.each([
    [{ bucket: 'b', key: 'k' }],
    [{ staged: '../x', final: 'f', bytes: 1, crc32: 1 }],
    [{ staged: 's', final: '/etc/passwd', bytes: 1, crc32: 1 }],
  ])('of a handle that is no file sink’s, %j, is in doubt', async (handle) => {
    const { sink } = await tableFolder();
    expect(await sink().commit(handle as never)).toMatchObject({ kind: 'in-doubt' });
  });

  it.each([['before'], ['after']] as const)(
    'that fails %s any of its steps is finished by the next (F1, F20)',
    async (when) => {
      const sound = failingDisk(-1, when);
      const rehearsal = await tableFolder();
      await rehearsal.sink(sound).commit(await rehearsal.prepared('a\n'));
      expect(sound.calls).toContain('link');

      for (let n = 0; n < sound.calls.length; n += 1) {
        const { sink, prepared, visible, final, staging } = await tableFolder();
        const handle = await prepared('a\n');
        const disk = failingDisk(n, when);
        const first = await sink(disk)
          .commit(handle)
          .catch((error) => ({ kind: error.code }));
        expect(['retry-later', 'SINK_UNREACHABLE']).toContain(first.kind);
        const second = await sink().commit(handle);

        expect(['committed', 'already-committed']).toContain(second.kind);
        expect(await visible()).toEqual(['flights-T1.ndjson']);
        expect(await readFile(final, 'utf8')).toBe('a\n');
        expect(await readdir(staging)).toEqual([]);
      }
    },
  );

  it('renames where the file system has no hard links, and still overwrites nothing', async () => {
    const { sink, prepared, final, visible } = await tableFolder();
    const disk = { ...machineDisk, link: () => Promise.reject(errno('EPERM')) };
    const handle = await prepared('a\n');
    expect(await sink(disk).commit(handle)).toEqual({ kind: 'committed' });
    expect(await sink(disk).commit(handle)).toEqual({ kind: 'already-committed' });
    expect(await visible()).toEqual(['flights-T1.ndjson']);
    await writeFile(final, 'x\n');
    expect(await sink(disk).commit(await prepared('a\n'))).toMatchObject({ kind: 'in-doubt' });
  });

  it('waits for trouble that can pass, and calls a person for missing rights', async () => {
    const { sink, prepared } = await tableFolder();
    const handle = await prepared('a\n');
    const failing = (code: string) =>
      sink({ ...machineDisk, link: () => Promise.reject(errno(code)) });
    expect(await failing('EIO').commit(handle)).toMatchObject({ kind: 'retry-later' });
    expect(await failing('ENOSPC').commit(handle)).toMatchObject({ kind: 'retry-later' });
    await expect(failing('EROFS').commit(handle)).rejects.toMatchObject({ code: 'SINK_REJECTED' });
  });
});

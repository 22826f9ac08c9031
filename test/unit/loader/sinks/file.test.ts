import { link, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineDisk } from '../../../../functions/loader/sinks/file/disk.ts';
import { makeFileSink } from '../../../../functions/loader/sinks/file.ts';
import { errno, failingDisk, labelOf, tableFolder } from './table-folder.ts';

describe('an attempt', () => {
  it('is invisible until it is committed, and then whole', async () => {
    const { sink, staging, visible, final } = await tableFolder();
    const writer = await sink().open(labelOf(1));
    await writer.write(Buffer.from('a\n'));
    await writer.write(Buffer.from('b\n'));
    const handle = await writer.prepare();
    expect(await visible()).toEqual([]);
    expect(await readdir(staging)).toEqual([`${labelOf(1)}.ndjson`]);

    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
    expect(await visible()).toEqual(['flights-T1.ndjson']);
    expect(await readFile(final, 'utf8')).toBe('a\nb\n');
    expect(await readdir(staging)).toEqual([]);
  });

  it('has a handle that survives a store', async () => {
    const { sink, prepared } = await tableFolder();
    const handle = JSON.parse(JSON.stringify(await prepared('a\n')));
    expect(handle).toMatchObject({ bytes: 2, crc32: expect.any(Number) });
    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
  });

  it('begins anew over what an earlier use of its label left', async () => {
    const { sink, final, prepared } = await tableFolder();
    await prepared('older and longer\n');
    expect(await sink().commit(await prepared('new\n'))).toEqual({ kind: 'committed' });
    expect(await readFile(final, 'utf8')).toBe('new\n');
  });

  it('that is begun anew never cuts a file that is visible already', async () => {
    const { sink, prepared, staging, final } = await tableFolder();
    const handle = await prepared('a\n');
    await sink().commit(handle);
    await link(final, join(staging, `${labelOf(1)}.ndjson`));
    await sink()
      .open(labelOf(1))
      .then((writer) => writer.discard());
    expect(await readFile(final, 'utf8')).toBe('a\n');
  });

  it('that is discarded or aborted leaves nothing, as often as it is asked for', async () => {
    const { sink, staging, prepared } = await tableFolder();
    const writer = await sink().open(labelOf(1));
    await writer.write(Buffer.from('a\n'));
    await writer.discard();
    await writer.discard();
    expect(await readdir(staging)).toEqual([]);
    await prepared('a\n', 2);
    await sink().abort(labelOf(2));
    await sink().abort(labelOf(2));
    expect(await readdir(staging)).toEqual([]);
  });

  it('of no table yet is aborted and swept without a fault', async () => {
    const { sink, root } = await tableFolder();
    await sink().abort(labelOf(1));
    expect(await sink().sweep('J1', async () => true)).toBe(0);
    expect(await readdir(root)).toEqual([]);
  });

  it('has a final name that readers see, whatever the job’s name', async () => {
    const { root, visible } = await tableFolder();
    const sink = makeFileSink({
      roots: [root],
      destination: { table: 'flights', format: 'ndjson' },
      fileName: () => '_hidden-T1.ndjson',
    });
    const writer = await sink.open(labelOf(1));
    await sink.commit(await writer.prepare());
    expect(await visible()).toEqual(['job_hidden-T1.ndjson']);
  });

  it('is refused under a name that leads out of the table', async () => {
    const { sink } = await tableFolder();
    await expect(sink().open('../rl_J1_T1_1')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

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

describe('a disk in trouble (F20)', () => {
  /** A disk whose staged files behave as `change` says. */
  const changed = (change: (file: Awaited<ReturnType<typeof machineDisk.open>>) => object) => ({
    ...machineDisk,
    open: (async (path, flags) => {
      const file = await machineDisk.open(path, flags);
      return flags === 'wx' ? Object.assign(file, change(file)) : file;
    }) as typeof machineDisk.open,
  });

  it('that is full fails the attempt for good, and nothing is left of it', async () => {
    const { sink, staging } = await tableFolder();
    let room = 5;
    const disk = changed((file) => {
      const write = file.write.bind(file) as (
        ...given: unknown[]
      ) => Promise<{ bytesWritten: number }>;
      return {
        write: async (bytes: Buffer, at: number, length: number) => {
          if (room === 0) throw errno('ENOSPC');
          const written = Math.min(room, length);
          room -= written;
          return write(bytes, at, written, null);
        },
      };
    });
    const writer = await sink(disk).open(labelOf(1));
    const full = { code: 'SINK_OUT_OF_SPACE', message: expect.stringMatching(/^cannot write/) };
    await expect(writer.write(Buffer.from('abcdefgh\n'))).rejects.toMatchObject(full);
    room = 100;
    await expect(writer.write(Buffer.from('ij\n'))).rejects.toMatchObject(full);
    await expect(writer.prepare()).rejects.toMatchObject(full);
    await writer.discard();
    expect(await readdir(staging)).toEqual([]);
  });

  it('that writes a few bytes at a time gets all of them', async () => {
    const { sink, final } = await tableFolder();
    const disk = changed((file) => {
      const write = file.write.bind(file) as (
        ...given: unknown[]
      ) => Promise<{ bytesWritten: number }>;
      return {
        write: (bytes: Buffer, at: number, length: number) =>
          write(bytes, at, Math.min(3, length), null),
      };
    });
    const writer = await sink(disk).open(labelOf(1));
    await writer.write(Buffer.from('abcdefgh\n'));
    await writer.write(Buffer.from('ij\n'));
    expect(await sink().commit(await writer.prepare())).toEqual({ kind: 'committed' });
    expect(await readFile(final, 'utf8')).toBe('abcdefgh\nij\n');
  });

  it('whose fsync fails is not asked a second time', async () => {
    const { sink } = await tableFolder();
    let syncs = 0;
    const disk = changed(() => ({
      sync: async () => {
        syncs += 1;
        if (syncs === 1) throw errno('EIO');
      },
    }));
    const writer = await sink(disk).open(labelOf(1));
    await writer.write(Buffer.from('a\n'));
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    expect(syncs).toBe(1);
    await writer.discard();
  });

  it.each([
    ['EDQUOT', 'SINK_OUT_OF_SPACE'],
    ['EACCES', 'SINK_REJECTED'],
    ['EROFS', 'SINK_REJECTED'],
    ['ESTALE', 'SINK_UNREACHABLE'],
  ])('with %s is %s', async (code, failure) => {
    const { sink } = await tableFolder();
    const disk = { ...machineDisk, mkdir: (() => Promise.reject(errno(code))) as never };
    await expect(sink(disk).open(labelOf(1))).rejects.toMatchObject({ code: failure });
  });
});

describe('a sweep (F20)', () => {
  it('removes what is abandoned of its own job, and nothing else', async () => {
    const { sink, staging, prepared, visible } = await tableFolder();
    await sink().commit(await prepared('a\n', 1));
    for (const attempt of [2, 3]) await prepared('b\n', attempt);
    await sink()
      .open(labelOf(1, 'J2'))
      .then((writer) => writer.prepare());
    await writeFile(join(staging, 'notes.txt'), '');
    const asked: string[] = [];

    const removed = await sink().sweep('J1', async ({ label }) => {
      asked.push(label);
      return label === labelOf(2);
    });

    expect([removed, asked.sort()]).toEqual([1, [labelOf(2), labelOf(3)]]);
    expect((await readdir(staging)).sort()).toEqual(
      ['notes.txt', `${labelOf(3)}.ndjson`, `${labelOf(1, 'J2')}.ndjson`].sort(),
    );
    expect(await visible()).toEqual(['flights-T1.ndjson']);
  });
});

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
    await expect(sink.sweep('J1', async () => true)).rejects.toMatchObject(refused);
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

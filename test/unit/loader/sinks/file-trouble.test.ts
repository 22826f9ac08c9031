import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machineDisk } from '../../../../functions/loader/sinks/file/disk.ts';
import { errno, labelOf, tableFolder } from './table-folder.ts';

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

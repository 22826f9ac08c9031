import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Disk,
  machineDisk,
  makeDirectory,
} from '../../../../../functions/loader/sinks/file/disk.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'disk-'));
});
afterEach(() => rm(root, { recursive: true }));

/** The machine's disk, and the directories whose names were made durable on it. */
function watchedDisk(): { readonly disk: Disk; readonly synced: string[] } {
  const synced: string[] = [];
  const open = async (path: string, flags: string) => {
    const handle = await machineDisk.open(path, flags);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      await sync();
      synced.push(path);
    };
    return handle;
  };
  return { disk: { ...machineDisk, open: open as Disk['open'] }, synced };
}

describe('a directory that is made', () => {
  it('is durable with all that was missing above it, from the top down', async () => {
    const { disk, synced } = watchedDisk();

    await makeDirectory(join(root, 'table', '_staging'), disk);

    expect(synced.slice(-2)).toEqual([root, join(root, 'table')]);
  });

  it('is durable although a maker that died has not synced it (F1, F20)', async () => {
    await mkdir(join(root, 'table'));
    const { disk, synced } = watchedDisk();

    await makeDirectory(join(root, 'table', '_staging'), disk);

    expect(synced).toEqual([root, join(root, 'table')]);
  });
});

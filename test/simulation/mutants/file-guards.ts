import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Disk } from '../../../functions/loader/sinks/file/disk.ts';
import type { Mutant } from './mutant.ts';

/** Guards of the file sink: the order of its steps, and what it syncs before the next of them. */

type Open = (path: string, flags: string) => Promise<FileHandle>;

function opening(
  disk: Disk,
  change: (path: string, flags: string, open: Open) => Promise<FileHandle>,
) {
  const open = disk.open as unknown as Open;
  return { ...disk, open: (path: string, flags: string) => change(path, flags, open) } as Disk;
}

/** A disk on which nothing is synced whose path matches. */
function withoutSync(pattern: RegExp) {
  return (disk: Disk): Disk =>
    opening(disk, async (path, flags, open) => {
      const handle = await open(path, flags);
      return pattern.test(path) ? ({ ...handle, sync: async () => {} } as FileHandle) : handle;
    });
}

/** Shows what is staged for a task wherever its final file is read. */
function believingNames(disk: Disk): Disk {
  return opening(disk, async (path, flags, open) => {
    const taskId = /-(\w+)\.ndjson$/.exec(basename(path))?.[1];
    if (flags !== 'r' || taskId === undefined) return open(path, flags);
    const staging = join(dirname(path), '_staging');
    const names = (await disk.readdir(staging).catch(() => [])) as string[];
    const staged = names.find((name) => name.includes(taskId) && !name.includes('.letters.'));
    return open(staged === undefined ? path : join(staging, staged), flags);
  });
}

export const FILE_GUARDS: readonly Mutant[] = [
  {
    guard: 'file: rows are durable before the decision',
    sink: 'file',
    sabotage: () => ({ disk: withoutSync(/_staging\/.+/) }),
  },
  {
    guard: 'file: the name of what is staged is durable before the decision',
    sink: 'file',
    sabotage: () => ({ disk: withoutSync(/_staging$/) }),
  },
  {
    guard: 'file: the final name is durable before the staged one goes',
    sink: 'file',
    sabotage: () => ({ disk: withoutSync(/^\/tables\/[^/]+$/) }),
  },
  {
    guard: "file: the table's directory is durable before anything is in it",
    sink: 'file',
    sabotage: () => ({ disk: withoutSync(/^\/tables$/) }),
  },
  {
    guard: 'file: a final name is given by a link, which replaces nothing',
    sink: 'file',
    sabotage: () => ({ disk: (disk) => ({ ...disk, link: disk.rename }) }),
  },
  {
    guard: 'file: a file is ours by its content, not by its name and size',
    sink: 'file',
    sabotage: () => ({ disk: believingNames }),
  },
];

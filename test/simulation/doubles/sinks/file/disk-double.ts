import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Disk } from '../../../../../functions/loader/sinks/file/disk.ts';
import { diskError, FileContent, type MemoryFiles } from './memory-files.ts';

/** What brings an operation to the disk. */
export interface DiskWire {
  perform<T>(operation: DiskOperation<T>): Promise<T>;
  /** Told before a file gets a name beside another one. */
  onPublish(from: string): void;
  /** Told before a file takes the name of another one. */
  onOverwrite(path: string): void;
}

export interface DiskOperation<T> {
  readonly what: string;
  readonly effect: () => T;
  /** Nobody but its process can notice when it takes effect. */
  readonly isPrivate?: boolean;
  /** What follows from its failure, besides an error. */
  readonly onFailure?: () => void;
}

/** The disk that the file sink asks for, as far as it uses it, over files in memory. */
export function diskDouble(files: MemoryFiles, wire: DiskWire): Disk {
  const perform = <T>(what: string, effect: () => T) => wire.perform({ what, effect });
  const disk = {
    // Every sink method looks where its directories really are: whatever fails there fails at the next call as well.
    async realpath(path: string) {
      if (files.seen.has(path)) return path;
      throw diskError('ENOENT', path);
    },
    mkdir: (path: string) => perform(`mkdir ${path}`, () => makeMissing(files, path)),
    readdir: (path: string) =>
      perform(`readdir ${path}`, () => files.names(path).map((name) => basename(name))),
    stat: (path: string) => perform(`stat ${path}`, () => ({ size: files.sizeOf(path) })),
    unlink: (path: string) => perform(`unlink ${path}`, () => files.remove(path)),
    link: (from: string, to: string) =>
      perform(`link ${from} ${to}`, () => {
        const file = files.file(from);
        wire.onPublish(from);
        files.add(to, file);
      }),
    rename: (from: string, to: string) =>
      perform(`rename ${from} ${to}`, () => {
        const file = files.file(from);
        wire.onPublish(from);
        if (files.seen.has(to)) wire.onOverwrite(to);
        files.seen.delete(to);
        files.add(to, file);
        files.remove(from);
      }),
    open: (path: string, flags: string) =>
      perform(`open ${path} ${flags}`, () => {
        if (files.seen.get(path) === 'directory') return openDirectory(files, path, wire);
        if (flags === 'wx') files.add(path, new FileContent());
        return openFile(files.file(path), path, wire);
      }),
  };
  return disk as unknown as Disk;
}

/** @returns the first directory that was made */
function makeMissing(files: MemoryFiles, path: string): string | undefined {
  if (files.seen.has(path)) return undefined;
  const above = makeMissing(files, dirname(path));
  files.add(path, 'directory');
  return above ?? path;
}

function openDirectory(files: MemoryFiles, path: string, wire: DiskWire): FileHandle {
  const handle = {
    sync: () => wire.perform({ what: `fsync ${path}`, effect: () => files.syncNames(path) }),
    close: async () => {},
  };
  return handle as unknown as FileHandle;
}

function openFile(file: FileContent, path: string, wire: DiskWire): FileHandle {
  let at = 0;
  const handle = {
    write: (chunk: Uint8Array, from: number, length: number) =>
      wire.perform({
        what: `write ${path}`,
        isPrivate: true,
        effect: () => {
          file.seen = Buffer.concat([file.seen, chunk.subarray(from, from + length)]);
          return { bytesWritten: length };
        },
      }),
    read: (buffer: Buffer, offset: number, length: number) =>
      wire.perform({
        what: `read ${path}`,
        effect: () => {
          const bytesRead = file.seen.copy(buffer, offset, at, at + length);
          at += bytesRead;
          return { bytesRead };
        },
      }),
    sync: () =>
      wire.perform({
        what: `fsync ${path}`,
        effect: () => file.sync(),
        onFailure: () => file.failSync(),
      }),
    close: async () => {},
  };
  return handle as unknown as FileHandle;
}

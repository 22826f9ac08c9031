import { link, mkdir, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asLoadFailure, type FailureCode, LoadFailure } from '#shared/domain/failure.ts';

/** What the file sink does with a disk. */
export const machineDisk = { link, mkdir, open, readdir, realpath, rename, stat, unlink };
export type Disk = typeof machineDisk;

const CODES: Readonly<Record<string, FailureCode>> = {
  ENOSPC: 'SINK_OUT_OF_SPACE',
  EDQUOT: 'SINK_OUT_OF_SPACE',
  EACCES: 'SINK_REJECTED',
  EPERM: 'SINK_REJECTED',
  EROFS: 'SINK_REJECTED',
};

/** The error's code as the operating system names it, e.g. `ENOENT`; absent for other errors. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A disk's error as a failure: SINK_OUT_OF_SPACE when disk or quota are full, SINK_REJECTED when rights are
 * missing, SINK_UNREACHABLE for the rest (a mount can come back); errors that are no disk's stay INTERNAL.
 *
 * @param action what could not be done, e.g. `write the staged file`
 */
export function diskFailure(error: unknown, action: string): LoadFailure {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof LoadFailure) return asLoadFailure(error);
  const message = error instanceof Error ? error.message : errno;
  return new LoadFailure(CODES[errno] ?? 'SINK_UNREACHABLE', `cannot ${action}: ${message}`, {
    cause: error,
    facts: { errno },
  });
}

/** Removes a file; one that is not there is success. @returns whether it was there */
export async function remove(path: string, disk: Disk): Promise<boolean> {
  try {
    await disk.unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The size of a file in bytes, or undefined when there is none. */
export async function sizeOf(path: string, disk: Disk): Promise<number | undefined> {
  try {
    return (await disk.stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the names in a directory durable: a new file can be gone after a crash, though its bytes are not. */
export async function syncDirectory(path: string, disk: Disk): Promise<void> {
  const directory = await disk.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Makes a directory and what is missing above it, all of it durable, whoever made it: one that is there may have been
 * made by a loader that died before it synced. Each name is durable before anything is made below it, so of a
 * path that is there only the last name is in question.
 */
export async function makeDirectory(path: string, disk: Disk): Promise<void> {
  const parent = dirname(path);
  if (parent === path) return;
  const isThere = (await sizeOf(path, disk)) !== undefined;
  if (!isThere) {
    await makeDirectory(parent, disk);
    await disk.mkdir(path, { recursive: true });
  }
  try {
    await syncDirectory(parent, disk);
  } catch (error) {
    // A directory that we may not read is above all that we have made.
    if (!isThere || errnoOf(error) !== 'EACCES') throw error;
  }
}

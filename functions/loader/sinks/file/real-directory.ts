import { dirname, resolve } from 'node:path';
import { isInside, notAllowed } from '#shared/table-directory.ts';
import { type Disk, diskFailure, errnoOf } from './disk.ts';

/**
 * Checks that a directory, which need not exist yet, lies under a root once symbolic links are followed.
 *
 * @throws {LoadFailure} DIRECTORY_NOT_ALLOWED, or what {@link diskFailure} makes of the disk's errors
 */
export async function assertReallyInside(
  directory: string,
  { roots, disk }: { roots: readonly string[]; disk: Disk },
): Promise<void> {
  const real = await realAncestor(directory, disk);
  for (const root of roots) {
    if (isInside(await realAncestor(resolve(root), disk), real)) return;
  }
  throw notAllowed(
    `directory must be under one of ${roots.join(', ')}, got ${directory}, which leads to ${real}`,
  );
}

/** The real path of the nearest ancestor that exists, the path itself included. */
async function realAncestor(path: string, disk: Disk): Promise<string> {
  for (let ancestor = path; ; ancestor = dirname(ancestor)) {
    try {
      return await disk.realpath(ancestor);
    } catch (error) {
      const gone = errnoOf(error) === 'ENOENT' && ancestor !== dirname(ancestor);
      if (!gone) throw diskFailure(error, 'look at the directory');
    }
  }
}

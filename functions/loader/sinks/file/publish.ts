import { join } from 'node:path';
import type { CommitOutcome } from '../sink.ts';
import { type Committable, crc32OfFile } from './committable.ts';
import { type Disk, errnoOf, remove, sizeOf, syncDirectory } from './disk.ts';
import type { TableLayout } from './table-layout.ts';

/*
 * - A final file is never overwritten: it appears by `link`, which fails when the name is taken.
 * - It is durable before the staged name goes: a crash between leaves both, never none.
 * - Several may do this at once: one of them links, the others find its file.
 */

/** Another finisher can be seen half way through; then a second look finds its end. */
const LOOKS = 3;

/** File systems without hard links answer one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Where to publish. */
export interface PublishOptions {
  readonly layout: TableLayout;
  readonly disk: Disk;
}

/**
 * Makes a prepared file visible under its final name, whoever tried before.
 *
 * @throws the disk's errors
 */
export async function publish(
  file: Committable,
  { layout, disk }: PublishOptions,
): Promise<CommitOutcome> {
  const staged = join(layout.staging, file.staged);
  const final = join(layout.table, file.final);
  const settle = async () => {
    await syncDirectory(layout.table, disk);
    await remove(staged, disk);
  };
  let stagedBytes: number | undefined;
  for (let look = 1; look <= LOOKS; look += 1) {
    const found = await identify(final, file, disk);
    if (found === 'foreign')
      return inDoubt(`${file.final} holds other content than the task wrote`);
    if (found === 'own') {
      await settle();
      return { kind: 'already-committed' };
    }
    stagedBytes = await sizeOf(staged, disk);
    if (stagedBytes === undefined) continue;
    if (stagedBytes !== file.bytes) {
      return inDoubt(`${file.staged} has ${stagedBytes} bytes, prepared were ${file.bytes}`);
    }
    if (await linkOrRename(staged, final, disk)) {
      await settle();
      return { kind: 'committed' };
    }
  }
  if (stagedBytes === undefined) {
    return inDoubt(`neither ${file.staged} nor ${file.final} is there`);
  }
  return { kind: 'retry-later', message: `${file.final} came and went while it was committed` };
}

function inDoubt(message: string): CommitOutcome {
  return { kind: 'in-doubt', message };
}

/** Whether a file of the final name is there, and the task's own. Reads it only where the size agrees. */
async function identify(
  final: string,
  file: Committable,
  disk: Disk,
): Promise<'missing' | 'own' | 'foreign'> {
  const bytes = await sizeOf(final, disk);
  if (bytes === undefined) return 'missing';
  if (bytes !== file.bytes) return 'foreign';
  return (await crc32OfFile(final, disk)) === file.crc32 ? 'own' : 'foreign';
}

/** @returns false when the final name is taken by now, or the staged one gone: look again */
async function linkOrRename(staged: string, final: string, disk: Disk): Promise<boolean> {
  try {
    await disk.link(staged, final);
    return true;
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'EEXIST' || errno === 'ENOENT') return false;
    if (!NO_LINKS.has(errno)) throw error;
  }
  return renameInstead(staged, final, disk);
}

/** Without hard links: the name was free a moment ago, and only this task's finishers use it. */
async function renameInstead(staged: string, final: string, disk: Disk): Promise<boolean> {
  try {
    await disk.rename(staged, final);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

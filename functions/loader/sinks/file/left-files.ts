import { join } from 'node:path';
import type { IsAbandoned } from '../sink.ts';
import { type Disk, diskFailure, errnoOf, remove } from './disk.ts';
import { stagedLabel } from './table-layout.ts';

/** What attempts have left in a staging directory. */
interface LeftFilesPlace {
  readonly staging: string;
  readonly disk: Disk;
}

/**
 * Removes the staged files of a label, whose periods nobody recorded.
 *
 * @throws {LoadFailure} as {@link diskFailure}
 */
export async function removeStaged(label: string, place: LeftFilesPlace): Promise<void> {
  const jobId = label.split('_')[1] ?? '';
  await sweepStaged(jobId, async (leftover) => leftover.label === label, place);
}

/**
 * Removes a job's staged files whose labels are abandoned. Of each label, which may have many, it is asked once.
 *
 * @returns how many there were
 * @throws {LoadFailure} as {@link diskFailure}
 */
export async function sweepStaged(
  jobId: string,
  isAbandoned: IsAbandoned,
  { staging, disk }: LeftFilesPlace,
): Promise<number> {
  const asked = new Map<string, boolean>();
  let removed = 0;
  for (const name of await stagedNames(staging, disk)) {
    const label = stagedLabel(name, jobId);
    if (label === undefined) continue;
    const isLeft = asked.get(label) ?? (await isAbandoned({ label }));
    asked.set(label, isLeft);
    if (!isLeft) continue;
    try {
      if (await remove(join(staging, name), disk)) removed += 1;
    } catch (error) {
      throw diskFailure(error, 'remove an abandoned file');
    }
  }
  return removed;
}

async function stagedNames(staging: string, disk: Disk): Promise<string[]> {
  try {
    return await disk.readdir(staging);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskFailure(error, 'list the staging directory');
  }
}

import { join } from 'node:path';
import type * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { FileDestination } from '#shared/domain/job-spec.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import { resolveTableDirectory } from '#shared/table-directory.ts';
import { unpairHandle } from '../dead-letters/paired-handle.ts';
import { commitPair, pairedWriter } from '../dead-letters/paired-writer.ts';
import { committable } from './file/committable.ts';
import {
  type Disk,
  diskFailure,
  errnoOf,
  machineDisk,
  makeDirectory,
  remove,
} from './file/disk.ts';
import { publish } from './file/publish.ts';
import { readLettersFile } from './file/read-letters-file.ts';
import { assertReallyInside } from './file/real-directory.ts';
import { openStagedFile, type StagedFile, type StagedFileOptions } from './file/staged-file.ts';
import {
  lettersLayout,
  lettersLocation,
  lettersName,
  stagedLabel,
  stagedLettersName,
  stagedName,
  type TableLayout,
  tableLayout,
  visibleName,
} from './file/table-layout.ts';
import type { CommitOutcome, Sink } from './sink.ts';

/** What {@link makeFileSink} needs. */
export interface FileSinkOptions {
  /** The directories that the installation allows: FILE_DIRECTORIES. */
  readonly roots: readonly string[] | undefined;
  readonly destination: Pick<FileDestination, 'table' | 'format' | 'directory'>;
  /**
   * The final name of the file that an attempt prepares; the same for all attempts of one task. One that
   * begins with `_` gets `job` before it, as readers ignore such names.
   */
  readonly fileName: (label: string) => string;
  /** @default the machine's */
  readonly disk?: Disk;
}

/**
 * A table as a directory of files, one per task, and one of dead letters per task that has some.
 *
 * Prepare is a file in the staging directory and fsync of both; commit gives it its final name, by a hard
 * link that cannot overwrite, and fsync of the table's directory. Readers never see a part of a file.
 *
 * @throws {LoadFailure} DIRECTORY_NOT_ALLOWED at once for a path outside of the roots; the methods throw it
 * when symbolic links lead outside, and SINK_OUT_OF_SPACE, SINK_REJECTED or SINK_UNREACHABLE for the disk's
 * errors, except that a commit answers `retry-later` to those that can pass
 */
export function makeFileSink(options: FileSinkOptions): Sink {
  const { destination, fileName, disk = machineDisk } = options;
  const roots = options.roots ?? [];
  const layout = tableLayout(resolveTableDirectory({ ...destination, roots: options.roots }));
  const letters = lettersLayout(layout);
  const checkPlace = async () => {
    await assertReallyInside(layout.table, { roots, disk });
    await assertReallyInside(layout.staging, { roots, disk });
    await assertReallyInside(letters.table, { roots, disk });
  };
  return {
    keepsBadRows: true,

    deadLettersIn(handle) {
      const letters = committable.safeParse(unpairHandle(handle).letters);
      return letters.success ? lettersLocation(letters.data.final) : undefined;
    },

    async *readDeadLetters(location) {
      await checkPlace();
      yield* readLettersFile(location, { layout: letters, disk });
    },

    async open(label) {
      await checkPlace();
      const names = {
        staged: stagedName(label, destination.format),
        final: visibleName(fileName(label)),
      };
      const checked = committable.pick({ staged: true, final: true }).safeParse(names);
      if (!checked.success) throw new LoadFailure('INTERNAL', faultsOf(checked.error));
      const rows = await openStagedFile({ layout, ...names, disk });
      const staged = stagedLettersName(label);
      return pairedWriter(rows, () =>
        openLetters({ layout: letters, staged, final: lettersName(names.final), disk }),
      );
    },

    async commit(handle) {
      await checkPlace();
      return commitPair(handle, (part, which) =>
        published(part, { layout: which === 'rows' ? layout : letters, disk }),
      );
    },

    async abort(label) {
      await checkPlace();
      try {
        await remove(join(layout.staging, stagedName(label, destination.format)), disk);
        await remove(join(layout.staging, stagedLettersName(label)), disk);
      } catch (error) {
        throw diskFailure(error, 'remove the staged file');
      }
    },

    async sweep(jobId, isAbandoned) {
      await checkPlace();
      let removed = 0;
      for (const name of await stagedNames(layout.staging, disk)) {
        const label = stagedLabel(name, jobId);
        if (label === undefined || !(await isAbandoned({ label }))) continue;
        try {
          if (await remove(join(layout.staging, name), disk)) removed += 1;
        } catch (error) {
          throw diskFailure(error, 'remove an abandoned file');
        }
      }
      return removed;
    },
  };
}

/** The directory of the dead letters is made with the first of them. */
async function openLetters(options: StagedFileOptions): Promise<StagedFile> {
  try {
    await makeDirectory(options.layout.table, options.disk);
  } catch (error) {
    throw diskFailure(error, 'make the directory of dead letters');
  }
  return openStagedFile(options);
}

async function published(
  handle: SinkHandle,
  place: { readonly layout: TableLayout; readonly disk: Disk },
): Promise<CommitOutcome> {
  const file = committable.safeParse(handle);
  if (!file.success) {
    return { kind: 'in-doubt', message: `handle is no file sink's: ${faultsOf(file.error)}` };
  }
  try {
    return await publish(file.data, place);
  } catch (error) {
    const failure = diskFailure(error, `publish ${file.data.final}`);
    if (!failure.retryable) throw failure;
    return { kind: 'retry-later', message: failure.message };
  }
}

function faultsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join(', ');
}

async function stagedNames(staging: string, disk: Disk): Promise<string[]> {
  try {
    return await disk.readdir(staging);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskFailure(error, 'list the staging directory');
  }
}

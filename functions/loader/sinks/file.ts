import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { FileDestination } from '#shared/domain/job-spec.ts';
import { resolveTableDirectory } from '#shared/table-directory.ts';
import { unpairHandle } from '../dead-letters/paired-handle.ts';
import { commitPair, pairedWriter, type StagedPart } from '../dead-letters/paired-writer.ts';
import { commitInTurn } from './commit-in-turn.ts';
import { committable } from './file/committable.ts';
import { type Disk, diskFailure, machineDisk, makeDirectory, remove } from './file/disk.ts';
import { removeStaged, sweepStaged } from './file/left-files.ts';
import { type DecidedFile, faultsOf, filesIn, periodFilesHandle } from './file/period-files.ts';
import { publish } from './file/publish.ts';
import { readLettersFile } from './file/read-letters-file.ts';
import { assertReallyInside } from './file/real-directory.ts';
import { openStagedFile, type StagedFile, type StagedFileOptions } from './file/staged-file.ts';
import {
  lettersLayout,
  lettersLocation,
  lettersName,
  periodLayout,
  stagedLettersName,
  stagedName,
  type TableLayout,
  tableLayout,
  visibleName,
} from './file/table-layout.ts';
import { PeriodParts } from './period-parts.ts';
import type { CommitOutcome, Sink } from './sink.ts';

/** What {@link makeFileSink} needs. */
export interface FileSinkOptions {
  /** The directories that the installation allows: FILE_DIRECTORIES. */
  readonly roots: readonly string[] | undefined;
  readonly destination: Pick<FileDestination, 'table' | 'format' | 'directory' | 'partitionBy'>;
  /**
   * The final name of the file that an attempt prepares; the same for all attempts of one task. One that
   * begins with `_` gets `job` before it, as readers ignore such names.
   */
  readonly fileName: (label: string) => string;
  /** @default the machine's */
  readonly disk?: Disk;
}

/**
 * A table as a directory of files, one per task, and one of dead letters per task that has some. With `partitionBy` it
 * is a file for each period of a task's rows, in directories of the periods.
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
      const rows = await openRows(label, { ...names, layout, destination, disk });
      const staged = stagedLettersName(label);
      return pairedWriter(rows, () =>
        openLetters({ layout: letters, staged, final: lettersName(names.final), disk }),
      );
    },

    async commit(handle, onProgress) {
      await checkPlace();
      return commitPair(handle, async (part, which) => {
        const decided = filesIn(part);
        if ('fault' in decided) {
          return { kind: 'in-doubt', message: `handle is no file sink's: ${decided.fault}` };
        }
        const place = { layout: which === 'rows' ? layout : letters, roots, disk };
        const options = { things: 'files', onProgress };
        return commitInTurn(decided, (one) => published(one, place), options);
      });
    },

    async abort(label) {
      await checkPlace();
      try {
        if (destination.partitionBy)
          return await removeStaged(label, { staging: layout.staging, disk });
        await remove(join(layout.staging, stagedName(label, destination.format)), disk);
        await remove(join(layout.staging, stagedLettersName(label)), disk);
      } catch (error) {
        throw diskFailure(error, 'remove the staged file');
      }
    },

    async sweep(jobId, isAbandoned) {
      await checkPlace();
      return sweepStaged(jobId, isAbandoned, { staging: layout.staging, disk });
    },
  };
}

/** What {@link openRows} needs. */
interface OpenRowsOptions extends StagedFileOptions {
  readonly destination: FileSinkOptions['destination'];
}

/** The rows' file, or one for each of their periods. */
async function openRows(label: string, options: OpenRowsOptions): Promise<StagedPart> {
  const { destination, layout, final, disk } = options;
  const { format, partitionBy } = destination;
  if (partitionBy === undefined) return openStagedFile(options);
  const shared = { label, final, format, unit: partitionBy.unit };
  return new PeriodParts({
    open: (period) =>
      openStagedFile({ layout, final, disk, staged: stagedName(label, format, period) }),
    remove: async ({ staged }) => void (await remove(join(layout.staging, staged), disk)),
    handleOf: (prepared) => periodFilesHandle(shared, prepared),
  });
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
  { file, directory }: DecidedFile,
  place: { readonly layout: TableLayout; readonly roots: readonly string[]; readonly disk: Disk },
): Promise<CommitOutcome> {
  const { roots, disk } = place;
  try {
    if (directory === undefined) return await publish(file, place);
    const layout = periodLayout(place.layout, directory);
    await assertReallyInside(layout.table, { roots, disk });
    await makeDirectory(layout.table, disk);
    const outcome = await publish(file, { layout, disk });
    return 'message' in outcome
      ? { ...outcome, message: `in ${directory}: ${outcome.message}` }
      : outcome;
  } catch (error) {
    const failure = diskFailure(error, `publish ${join(directory ?? '', file.final)}`);
    if (!failure.retryable) throw failure;
    return { kind: 'retry-later', message: failure.message };
  }
}

import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StagedPart } from '../../dead-letters/paired-writer.ts';
import type { Committable } from './committable.ts';
import { type Disk, diskFailure, makeDirectory, remove, syncDirectory } from './disk.ts';
import type { TableLayout } from './table-layout.ts';

/** A file on its way. */
export interface StagedFile extends StagedPart {
  prepare(): Promise<Committable>;
}

/** What {@link openStagedFile} needs. */
export interface StagedFileOptions {
  readonly layout: TableLayout;
  readonly staged: string;
  readonly final: string;
  readonly disk: Disk;
}

/**
 * Opens the file of an attempt, and makes the table's directory where there is none yet.
 *
 * What stands there under its name is removed, not truncated: after a commit that was cut short it can be
 * the same file as the final one.
 *
 * @throws {LoadFailure} as {@link diskFailure}; so do the writer's methods
 */
export async function openStagedFile(options: StagedFileOptions): Promise<StagedFile> {
  const { layout, staged, disk } = options;
  const path = join(layout.staging, staged);
  try {
    await makeDirectory(layout.staging, disk);
    await remove(path, disk);
    return new OpenedFile(options, await disk.open(path, 'wx'));
  } catch (error) {
    throw diskFailure(error, 'open the staged file');
  }
}

class OpenedFile implements StagedFile {
  readonly #options: StagedFileOptions;
  readonly #file: FileHandle;
  #bytes = 0;
  #crc = 0;
  #failure: unknown;

  constructor(options: StagedFileOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#guarded('write the staged file', async () => {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await this.#file.write(chunk, at, chunk.length - at, null);
        at += bytesWritten;
      }
      this.#bytes += chunk.length;
      this.#crc = crc32(chunk, this.#crc);
    });
  }

  async prepare(): Promise<Committable> {
    const { layout, staged, final, disk } = this.#options;
    await this.#guarded('make the staged file durable', async () => {
      await this.#file.sync();
      await this.#file.close();
      await syncDirectory(layout.staging, disk);
    });
    return { staged, final, bytes: this.#bytes, crc32: this.#crc };
  }

  async discard(): Promise<void> {
    const { layout, staged, disk } = this.#options;
    // Whatever fails here is left to the sweep. Closing waits for a write that is under way.
    await Promise.allSettled([this.#file.close()]);
    await Promise.allSettled([remove(join(layout.staging, staged), disk)]);
  }

  /**
   * After a failure nothing succeeds: behind half a chunk no row may follow, and a second fsync can report
   * success for pages that the first has lost (Linux marks them clean when writing them back fails).
   */
  async #guarded(action: string, step: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await step();
    } catch (error) {
      this.#failure = diskFailure(error, action);
      throw this.#failure;
    }
  }
}

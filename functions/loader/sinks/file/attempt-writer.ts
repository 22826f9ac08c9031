import type { SinkHandle } from '#shared/domain/task.ts';
import type { SinkWriter } from '../sink.ts';
import { attemptHandle } from './attempt-handle.ts';
import { type Disk, diskFailure, makeDirectory } from './disk.ts';
import { openStagedFile, type StagedFile } from './staged-file.ts';
import { lettersLayout, type TableLayout } from './table-layout.ts';

/** What {@link openAttempt} needs: names of an attempt's files, staged and final. */
export interface AttemptOptions {
  readonly layout: TableLayout;
  readonly rows: { readonly staged: string; readonly final: string };
  readonly letters: { readonly staged: string; readonly final: string };
  readonly disk: Disk;
}

/**
 * Opens an attempt: a file of rows, and one of dead letters when the first of them comes.
 *
 * @throws {LoadFailure} as {@link diskFailure}; so do the writer's methods
 */
export async function openAttempt(options: AttemptOptions): Promise<SinkWriter> {
  const { layout, rows, disk } = options;
  return new AttemptWriter(options, await openStagedFile({ layout, ...rows, disk }));
}

class AttemptWriter implements SinkWriter {
  readonly #options: AttemptOptions;
  readonly #rows: StagedFile;
  #letters: Promise<StagedFile> | undefined;

  constructor(options: AttemptOptions, rows: StagedFile) {
    this.#options = options;
    this.#rows = rows;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#rows.write(chunk);
  }

  async keep(chunk: Uint8Array): Promise<void> {
    this.#letters ??= this.#openLetters();
    await (await this.#letters).write(chunk);
  }

  async prepare(): Promise<SinkHandle> {
    const letters = await (await this.#letters)?.prepare();
    // Readers of the table have no use for a file without rows.
    if (letters && this.#rows.isEmpty) {
      await this.#rows.discard();
      return attemptHandle({ letters });
    }
    return attemptHandle({ rows: await this.#rows.prepare(), letters });
  }

  async discard(): Promise<void> {
    await this.#rows.discard();
    const [letters] = await Promise.allSettled([this.#letters]);
    if (letters.status === 'fulfilled') await letters.value?.discard();
  }

  async #openLetters(): Promise<StagedFile> {
    const { disk, letters } = this.#options;
    const layout = lettersLayout(this.#options.layout);
    try {
      await makeDirectory(layout.table, disk);
    } catch (error) {
      throw diskFailure(error, 'make the directory of dead letters');
    }
    return openStagedFile({ layout, ...letters, disk });
  }
}

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import type { Transform } from './transform.ts';

/** What {@link RowOutput} needs. */
export interface RowOutputOptions {
  readonly transform: Transform;
  readonly engine: Engine;
  readonly directory: string;
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly onProgress: () => void;
}

/** Large enough that a write's overhead is nothing beside its bytes. */
const READ_BYTES = 1_048_576;

/**
 * The rows of a slice on their way from the engine's table into the destination.
 *
 * Texts are handed on chunk by chunk. Parquet cannot be added to, so every chunk becomes a file of its own, and
 * the end is one file of them all, read and written in row groups.
 */
export class RowOutput {
  readonly #options: RowOutputOptions;
  readonly #parts: string[] = [];
  #chunks = 0;
  /** Handed to the destination so far. */
  bytes = 0;

  constructor(options: RowOutputOptions) {
    this.#options = options;
  }

  /** Adds the rows of the chunk that the engine holds; there must be some. */
  async add(): Promise<void> {
    const { transform, engine, directory } = this.#options;
    const part = join(directory, `part-${this.#chunks}`);
    const header = transform.plan.header && this.#chunks === 0;
    this.#chunks += 1;
    await engine.run(transform.statements.copy(part, { header }));
    if (transform.plan.rowFormat === 'parquet') this.#parts.push(part);
    else await this.#handOver(part);
  }

  /** Call it once, behind the last chunk. */
  async finish(): Promise<void> {
    const { transform, engine, directory } = this.#options;
    const [first, ...others] = this.#parts;
    if (first === undefined) return;
    if (others.length === 0) {
      await this.#handOver(first);
      return;
    }
    const all = join(directory, 'all');
    await engine.run(transform.statements.merge(this.#parts, all));
    for (const part of this.#parts) await rm(part);
    await this.#handOver(all);
  }

  async #handOver(file: string): Promise<void> {
    for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
      this.bytes += (chunk as Buffer).length;
      await this.#options.write(chunk as Buffer);
      this.#options.onProgress();
    }
    await rm(file);
  }
}

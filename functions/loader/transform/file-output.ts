import { open, rm } from 'node:fs/promises';
import type { Period } from '../sinks/period.ts';
import type { SinkWriter } from '../sinks/sink.ts';
import type { Engine } from './engine.ts';
import type { Transform } from './transform.ts';

/** Takes rows over, as a sink does. */
export type WriteRows = SinkWriter['write'];

/** What handing rows over takes. */
export interface RowOutputOptions {
  readonly transform: Transform;
  readonly engine: Engine;
  readonly directory: string;
  readonly write: WriteRows;
  readonly onProgress: () => void;
}

/** One file of the destination, made of files of the scratch directory. */
export interface FileOutput {
  /** Handed to the destination so far. */
  readonly bytes: number;
  /** Hands a file's rows over, behind those of the ones before, and removes it; some only at the end. */
  add(file: string): Promise<void>;
  /** Call it once, behind the last file. */
  finish(): Promise<void>;
}

/** Texts, one behind the other. */
export class TextOutput implements FileOutput {
  readonly #options: RowOutputOptions;
  readonly #period: Period | undefined;
  bytes = 0;

  /** @param period of all its rows */
  constructor(options: RowOutputOptions, period?: Period) {
    this.#options = options;
    this.#period = period;
  }

  async add(file: string): Promise<void> {
    this.bytes += await writeFrom(file, { ...this.#options, period: this.#period });
  }

  async finish(): Promise<void> {}
}

/** Large enough that a write's overhead is nothing beside its bytes. */
const READ_BYTES = 1_048_576;

/**
 * Hands over a file, or a range of it whose last byte is `end`, and removes it.
 *
 * @returns the bytes that were handed over
 */
export async function writeFrom(
  file: string,
  options: Pick<RowOutputOptions, 'write' | 'onProgress'> & {
    readonly period: Period | undefined;
    readonly range?: { readonly start: number; readonly end: number };
  },
): Promise<number> {
  const { write, onProgress, period, range } = options;
  const { start = 0, end = Number.POSITIVE_INFINITY } = range ?? {};
  const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
  const opened = await open(file);
  let at = start;
  try {
    while (at <= end) {
      const most = Math.min(READ_BYTES, end + 1 - at);
      const { bytesRead } = await opened.read(chunk, 0, most, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      await write(chunk.subarray(0, bytesRead), period);
      onProgress();
    }
  } finally {
    await opened.close();
  }
  await rm(file);
  return at - start;
}

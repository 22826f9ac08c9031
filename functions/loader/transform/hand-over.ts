import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Large enough that a write's overhead is nothing beside its bytes. */
const READ_BYTES = 1_048_576;

/**
 * Hands the rows of some files over, in their order, and removes the files: texts one behind the other. Parquet cannot
 * be added to, so it becomes one file, read and written in row groups.
 *
 * @param period of all these rows
 * @returns the bytes that were handed over
 */
export async function handOver(
  parts: readonly string[],
  options: RowOutputOptions,
  period?: Period,
): Promise<number> {
  const { write, onProgress } = options;
  let bytes = 0;
  for (const file of await withoutSeams(parts, options)) {
    for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
      bytes += (chunk as Buffer).length;
      await write(chunk as Buffer, period);
      onProgress();
    }
    await rm(file);
  }
  return bytes;
}

async function withoutSeams(
  parts: readonly string[],
  { transform, engine, directory }: RowOutputOptions,
): Promise<readonly string[]> {
  if (transform.plan.rowFormat !== 'parquet' || parts.length < 2) return parts;
  const all = join(directory, 'all');
  await engine.run(transform.statements.merge(parts, all));
  for (const part of parts) await rm(part);
  return [all];
}

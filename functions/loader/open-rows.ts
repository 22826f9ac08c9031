import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from '#shared/clock.ts';
import type { RowTarget } from './row-writers.ts';
import { openRowWriters } from './row-writers.ts';
import type { RowWriter } from './rows/row-writer.ts';
import type { TypedSpec } from './transform/infer/typed-spec.ts';
import type { ValueReadings } from './values/value-readings.ts';

/** What transforming rows may use, per slice. */
export interface TransformSettings {
  readonly clock: Clock;
  /** Where scratch directories are made. @default the operating system's place for such */
  readonly scratchDirectory?: string | undefined;
  /** Of the engine; what is more goes to the scratch directory. */
  readonly memoryMb: number;
  readonly threads: number;
  /** Absent where no registry is in reach: jobs with formats that have a schema fail. */
  readonly valueReadings?: ValueReadings | undefined;
}

/** A loader of 2 GB has as much left for its own part. */
export const DEFAULT_TRANSFORM: TransformSettings = {
  clock: systemClock,
  memoryMb: 512,
  threads: Math.min(4, availableParallelism()),
};

/** What {@link openRows} needs. */
export interface OpenRowsOptions extends RowTarget {
  readonly spec: TypedSpec;
  readonly settings: TransformSettings;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

/** A row writer with what it holds open. */
export interface OpenRows {
  readonly rows: RowWriter;
  /** The part of the time left that work behind the reading needs. */
  readonly reserve: number;
  /** Ends what still runs, and frees what it holds. Never throws. */
  close(): Promise<void>;
}

/**
 * The row writer of a specification, for a whole slice.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH when the engine does not take the columns, the filter or a type
 */
export async function openRows(options: OpenRowsOptions): Promise<OpenRows> {
  const { reserve, make, close } = await openRowWriters(options);
  return { rows: make(options), reserve, close };
}

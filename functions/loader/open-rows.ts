import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from '#shared/clock.ts';
import { infersTypes, mappingOf } from '#shared/domain/spec/mapping.ts';
import type { NotedOffsets } from './dead-letters/noted-offsets.ts';
import type { KeepLetters } from './dead-letters/rejected-rows.ts';
import { makeRowWriter, type RowWriter } from './rows/row-writer.ts';
import type { SinkWriter } from './sinks/sink.ts';
import { openEngine } from './transform/engine.ts';
import { makeRowlessWriter } from './transform/infer/rowless-writer.ts';
import type { TypedSpec } from './transform/infer/typed-spec.ts';
import { openScratch, type Scratch } from './transform/scratch.ts';
import { prepareTransform } from './transform/transform.ts';
import { makeTransformWriter } from './transform/transform-writer.ts';
import { awaitingSchemas } from './values/awaiting-schemas.ts';
import { decodingEncoder } from './values/decoding-encoder.ts';
import { readingOf } from './values/reading-of.ts';
import type { ValueReading } from './values/value-reading.ts';
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
export interface OpenRowsOptions {
  readonly spec: TypedSpec;
  readonly writer: Pick<SinkWriter, 'write'>;
  /** Absent where the destination does not keep bad rows. */
  readonly keep: KeepLetters | undefined;
  /** Where it notes them instead. */
  readonly noted?: NotedOffsets | undefined;
  readonly limits: { readonly maxRows: number; readonly maxBytes: number };
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

const MIB = 1024 * 1024;

/**
 * The engine has room for so many of the longest record: measured, rows of 31 MiB become Parquet within 512 MB, and
 * of 64 MiB do not.
 */
const LINES_IN_MEMORY = 16;

/** Chunks that are still to be transformed when reading ends. */
const TRANSFORM_RESERVE = 0.1;

/** Where rows are kept apart, all of them are handed to the destination when reading has ended. */
const PERIODS_RESERVE = 0.4;

/**
 * The row writer of a specification: by bytes where they will do, else by an engine, which is loaded only now. Without
 * the types that it asks for, a writer that writes no row.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH when the engine does not take the columns, the filter or a type
 */
export async function openRows(options: OpenRowsOptions): Promise<OpenRows> {
  const reading = await readingOf(options.spec.format, options.settings.valueReadings);
  const opened = await openWriter(options, reading);
  if (reading === undefined) return opened;
  const { onProgress } = options;
  return { ...opened, rows: awaitingSchemas(opened.rows, { reading, onProgress }) };
}

async function openWriter(
  options: OpenRowsOptions,
  reading: ValueReading | undefined,
): Promise<OpenRows> {
  const { spec, writer, keep, noted, limits } = options;
  const { topic } = spec.source.kafka;
  if (infersTypes(spec)) {
    const { policies } = spec;
    const rows = makeRowlessWriter({ spec, reading, policies, topic, keep, noted, limits });
    return { rows, reserve: 0, close: async () => {} };
  }
  if (mappingOf(spec) === undefined) {
    const rows = makeRowWriter({ spec: { ...spec, reading }, topic, writer, keep, noted, limits });
    return { rows, reserve: 0, close: async () => {} };
  }
  const scratch = await openScratch(options.settings.scratchDirectory);
  try {
    return await openTransform(options, scratch, reading);
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

async function openTransform(
  options: OpenRowsOptions,
  scratch: Scratch,
  reading: ValueReading | undefined,
): Promise<OpenRows> {
  const { spec, settings, signal, onProgress, writer } = options;
  const { memoryMb, threads, clock } = settings;
  const { topic } = spec.source.kafka;
  const directory = scratch.path;
  const watch = { clock, signal, onProgress };
  const engine = await openEngine({ directory, memoryMb, threads }, watch);
  try {
    const transform = await prepareTransform(spec, { engine, directory, topic });
    const { encoder } = transform;
    const rows = makeTransformWriter({
      ...options,
      transform: reading ? { ...transform, encoder: decodingEncoder(encoder, reading) } : transform,
      engine,
      directory,
      mostLineBytes: (memoryMb * MIB) / LINES_IN_MEMORY,
      policies: spec.policies,
      topic,
      write: (chunk, period) => writer.write(chunk, period),
    });
    const close = async () => {
      engine.interrupt();
      await rows.settled();
      engine.close();
      await scratch.remove();
    };
    const reserve = transform.plan.period ? PERIODS_RESERVE : TRANSFORM_RESERVE;
    return { rows, reserve, close };
  } catch (error) {
    engine.close();
    throw error;
  }
}

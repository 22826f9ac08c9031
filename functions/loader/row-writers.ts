import { infersTypes, mappingOf } from '#shared/domain/spec/mapping.ts';
import type { NotedOffsets } from './dead-letters/noted-offsets.ts';
import type { KeepLetters } from './dead-letters/rejected-rows.ts';
import type { OpenRowsOptions } from './open-rows.ts';
import { makeRowWriter, type RowWriter } from './rows/row-writer.ts';
import type { SinkWriter } from './sinks/sink.ts';
import { openEngine } from './transform/engine.ts';
import { makeRowlessWriter } from './transform/infer/rowless-writer.ts';
import type { TypedSpec } from './transform/infer/typed-spec.ts';
import { openScratch, type Scratch } from './transform/scratch.ts';
import { prepareTransform, type Transform } from './transform/transform.ts';
import { makeTransformWriter, type StoppableRowWriter } from './transform/transform-writer.ts';
import { awaitingSchemas } from './values/awaiting-schemas.ts';
import { decodingEncoder } from './values/decoding-encoder.ts';
import { readingOf } from './values/reading-of.ts';
import type { ValueReading } from './values/value-reading.ts';

/** Where the rows of one writer go, and its bad ones. */
export interface RowTarget {
  readonly writer: Pick<SinkWriter, 'write'>;
  /** Absent where the destination does not keep bad rows. */
  readonly keep?: KeepLetters | undefined;
  /** Where it notes them instead. */
  readonly noted?: NotedOffsets | undefined;
  readonly limits: { readonly maxRows: number; readonly maxBytes: number };
  /** Bytes that are worked on at once. @default what is fast for a slice */
  readonly chunkBytes?: number;
}

/** What {@link openRowWriters} needs. */
export interface RowWritersOptions
  extends Pick<OpenRowsOptions, 'settings' | 'signal' | 'onProgress'> {
  readonly spec: TypedSpec;
  /** Makes another transform of the one that the specification asks for. @default the same */
  readonly adapt?: (transform: Transform) => Transform;
}

/** Row writers of one specification, with what they share. */
export interface RowWriters {
  /** How rows are understood, where they are. */
  readonly transform?: Transform;
  readonly reading: ValueReading | undefined;
  /** The part of the time left that work behind the reading needs. */
  readonly reserve: number;
  /** A writer; only one at a time may be at work. */
  make(target: RowTarget): RowWriter;
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
 * The row writers of a specification: by bytes where they will do, else by an engine, which is loaded only now. Without
 * the types that it asks for, writers that write no row.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH when the engine does not take the columns, the filter or a type
 */
export async function openRowWriters(options: RowWritersOptions): Promise<RowWriters> {
  const { spec, settings, onProgress } = options;
  const reading = await readingOf(spec.format, settings.valueReadings);
  const writers = await writersOf(options, reading);
  if (reading === undefined) return writers;
  const make = (target: RowTarget) =>
    awaitingSchemas(writers.make(target), { reading, onProgress });
  return { ...writers, make };
}

async function writersOf(
  options: RowWritersOptions,
  reading: ValueReading | undefined,
): Promise<RowWriters> {
  const { spec } = options;
  const { topic } = spec.source.kafka;
  const plain = { reading, reserve: 0, close: async () => {} };
  if (infersTypes(spec)) {
    const { policies } = spec;
    return {
      ...plain,
      make: (target) => makeRowlessWriter({ ...target, spec, reading, policies, topic }),
    };
  }
  if (mappingOf(spec) === undefined) {
    const rowSpec = { ...spec, reading };
    return { ...plain, make: (target) => makeRowWriter({ ...target, spec: rowSpec, topic }) };
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
  { spec, settings, signal, onProgress, adapt = (transform) => transform }: RowWritersOptions,
  scratch: Scratch,
  reading: ValueReading | undefined,
): Promise<RowWriters> {
  const { memoryMb, threads, clock } = settings;
  const { topic } = spec.source.kafka;
  const directory = scratch.path;
  const watch = { clock, signal, onProgress };
  const engine = await openEngine({ directory, memoryMb, threads }, watch);
  try {
    const transform = adapt(await prepareTransform(spec, { engine, directory, topic }));
    const { encoder } = transform;
    const mapping = {
      transform: reading ? { ...transform, encoder: decodingEncoder(encoder, reading) } : transform,
      engine,
      directory,
      mostLineBytes: (memoryMb * MIB) / LINES_IN_MEMORY,
      policies: spec.policies,
      topic,
      onProgress,
    };
    let last: StoppableRowWriter | undefined;
    const make = (target: RowTarget): RowWriter => {
      const { writer } = target;
      const write: SinkWriter['write'] = (chunk, period) => writer.write(chunk, period);
      last = makeTransformWriter({ ...target, ...mapping, write });
      return last;
    };
    const close = async () => {
      engine.interrupt();
      await last?.settled();
      engine.close();
      await scratch.remove();
    };
    const reserve = transform.plan.period ? PERIODS_RESERVE : TRANSFORM_RESERVE;
    return { transform, reading, reserve, make, close };
  } catch (error) {
    engine.close();
    throw error;
  }
}

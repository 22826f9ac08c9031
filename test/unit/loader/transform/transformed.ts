import { mkdir } from 'node:fs/promises';
import type { RecordView } from '../../../../functions/loader/records.ts';
import { openEngine } from '../../../../functions/loader/transform/engine.ts';
import { makeSampler } from '../../../../functions/loader/transform/infer/sampler.ts';
import type { TypedSpec } from '../../../../functions/loader/transform/infer/typed-spec.ts';
import { openScratch } from '../../../../functions/loader/transform/scratch.ts';
import { prepareTransform } from '../../../../functions/loader/transform/transform.ts';
import { makeTransformWriter } from '../../../../functions/loader/transform/transform-writer.ts';
import { decodingEncoder } from '../../../../functions/loader/values/decoding-encoder.ts';
import type { ValueReading } from '../../../../functions/loader/values/value-reading.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import { withInferredTypes } from '../../../../functions/shared/domain/inferred-types.ts';
import {
  type JobSpec,
  type JobSpecInput,
  jobSpec,
} from '../../../../functions/shared/domain/job-spec.ts';
import { infersTypes } from '../../../../functions/shared/domain/spec/mapping.ts';
import type { TableShape } from '../../../../functions/shared/domain/spec/table-shape.ts';
import { type GivenRecord, recordOf } from '../rows/record-of.ts';

/** What of a specification a test says. */
export type Given = Partial<
  Pick<JobSpecInput, 'format' | 'columns' | 'where' | 'types' | 'policies'>
> & {
  readonly file?: Partial<JobSpecInput['destination']['file']>;
  /** Instead of a file: the table that says the columns. */
  readonly table?: TableShape;
  /** How many of the records types are inferred from, where they are. @default all */
  readonly sampled?: number;
  /** Of a format with a schema. */
  readonly reading?: ValueReading;
};

/** A whole specification around it. */
function specOf({ file, table, sampled, reading, ...given }: Given): TypedSpec {
  const iceberg = { catalog: { uri: 'http://c:1' }, namespace: 'air', table: 'flights' };
  const spec = jobSpec.parse({
    name: 'job',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    destination: table ? { iceberg } : { file: { table: 'table', ...file } },
    ...given,
  });
  return { ...spec, table };
}

/** An engine in a directory of its own, for one piece of work. */
async function withEngine<T>(
  work: (engine: Awaited<ReturnType<typeof openEngine>>, directory: string) => Promise<T>,
): Promise<T> {
  const scratch = await openScratch();
  await mkdir(scratch.path, { recursive: true });
  const watch = { clock: systemClock, signal: new AbortController().signal, onProgress: () => {} };
  const engine = await openEngine({ directory: scratch.path, memoryMb: 256, threads: 1 }, watch);
  try {
    return await work(engine, scratch.path);
  } finally {
    engine.close();
    await scratch.remove();
  }
}

/** The specification with what the first records say of types that it does not declare. */
async function typedOf(
  spec: JobSpec,
  records: readonly RecordView[],
  reading: ValueReading | undefined,
): Promise<TypedSpec> {
  if (!infersTypes(spec)) return spec;
  const sampler = makeSampler({ spec, reading });
  for (const record of records) sampler.accept(record);
  const sample = await sampler.finish();
  return sample === undefined ? spec : withInferredTypes(spec, sample);
}

/** What the records become: the bytes in the sink, whole and by period, the dead letters, and the statistics. */
export async function transformed(
  given: Given,
  records: readonly (GivenRecord | string)[],
  chunkBytes?: number,
  mostLineBytes = 1_000_000,
) {
  return withEngine(async (engine, directory) => {
    const chunks: Uint8Array[] = [];
    const periods = new Map<string, Buffer>();
    const letters: Uint8Array[] = [];
    const views = records.map((record, i) => {
      const numbered = typeof record === 'string' ? { value: record } : record;
      return recordOf({ offset: BigInt(i), ...numbered });
    });
    const { reading } = given;
    const spec = await typedOf(specOf(given), views.slice(0, given.sampled), reading);
    const transform = await prepareTransform(spec, { engine, directory, topic: 'flights' });
    const { encoder } = transform;
    const writer = makeTransformWriter({
      transform: reading ? { ...transform, encoder: decodingEncoder(encoder, reading) } : transform,
      engine,
      directory,
      policies: spec.policies,
      topic: 'flights',
      write: async (chunk, period = '') => {
        chunks.push(Buffer.from(chunk));
        periods.set(period, Buffer.concat([periods.get(period) ?? Buffer.alloc(0), chunk]));
      },
      keep: async (chunk) => void letters.push(chunk),
      onProgress: () => {},
      mostLineBytes,
      limits: { maxRows: 1_000_000, maxBytes: 1_000_000_000 },
      chunkBytes,
    });
    let hadRoom = views.length;
    for (const [i, view] of views.entries()) {
      writer.accept(view);
      if (!(await writer.drain())) hadRoom = Math.min(hadRoom, i + 1);
    }
    const statistics = await writer.finish();
    const bytes = Buffer.concat(chunks);
    return {
      bytes,
      types: spec.types,
      /** What was written by period. */
      periods,
      /** Behind how many records there was no room for more; all of them where there always was. */
      hadRoom,
      text: bytes.toString(),
      lines: bytes.toString().split('\n').slice(0, -1),
      letters: Buffer.concat(letters)
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
      statistics,
    };
  });
}

/** Why a specification cannot be run. */
export async function refusalOf(given: Given): Promise<string> {
  return withEngine(async (engine, directory) => {
    const failed = await prepareTransform(specOf(given), {
      engine,
      directory,
      topic: 'flights',
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    return failed instanceof Error ? failed.message : 'nothing is wrong with it';
  });
}

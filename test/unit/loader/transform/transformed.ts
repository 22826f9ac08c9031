import { mkdir } from 'node:fs/promises';
import { openEngine } from '../../../../functions/loader/transform/engine.ts';
import { openScratch } from '../../../../functions/loader/transform/scratch.ts';
import { prepareTransform } from '../../../../functions/loader/transform/transform.ts';
import { makeTransformWriter } from '../../../../functions/loader/transform/transform-writer.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { type GivenRecord, recordOf } from '../rows/record-of.ts';

/** What of a specification a test says. */
export type Given = Partial<
  Pick<JobSpecInput, 'format' | 'columns' | 'where' | 'types' | 'policies'>
> & { readonly file?: Partial<JobSpecInput['destination']['file']> };

/** A whole specification around it. */
function specOf({ file, ...given }: Given) {
  return jobSpec.parse({
    name: 'job',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    destination: { file: { table: 'table', ...file } },
    ...given,
  });
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

/** What the records become: the bytes in the sink, whole and by period, the dead letters, and the statistics. */
export async function transformed(
  given: Given,
  records: readonly (GivenRecord | string)[],
  chunkBytes?: number,
  mostLineBytes = 1_000_000,
) {
  return withEngine(async (engine, directory) => {
    const chunks: Uint8Array[] = [];
    const periods = new Map<string, string>();
    const letters: Uint8Array[] = [];
    const spec = specOf(given);
    const transform = await prepareTransform(spec, { engine, directory, topic: 'flights' });
    const writer = makeTransformWriter({
      transform,
      engine,
      directory,
      policies: spec.policies,
      topic: 'flights',
      write: async (chunk, period = '') => {
        chunks.push(chunk);
        periods.set(period, `${periods.get(period) ?? ''}${Buffer.from(chunk)}`);
      },
      keep: async (chunk) => void letters.push(chunk),
      onProgress: () => {},
      mostLineBytes,
      limits: { maxRows: 1_000_000, maxBytes: 1_000_000_000 },
      chunkBytes,
    });
    for (const [i, record] of records.entries()) {
      const numbered = typeof record === 'string' ? { value: record } : record;
      writer.accept(recordOf({ offset: BigInt(i), ...numbered }));
      await writer.drain();
    }
    const statistics = await writer.finish();
    const bytes = Buffer.concat(chunks);
    return {
      bytes,
      /** What was written by period. */
      periods,
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

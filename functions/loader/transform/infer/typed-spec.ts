import type { InferredTypes, TypeSample } from '#shared/domain/inferred-types.ts';
import { holdsFor, withInferredTypes } from '#shared/domain/inferred-types.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import { infersTypes, type MappingSpec } from '#shared/domain/spec/mapping.ts';
import type { RecordConsumer } from '../../records.ts';
import { awaitingSchemas } from '../../values/awaiting-schemas.ts';
import { readingOf } from '../../values/reading-of.ts';
import type { ValueReadings } from '../../values/value-readings.ts';
import { makeSampler } from './sampler.ts';

/** Where the types stand that were inferred for a job. */
export interface TypesInStore {
  read(): Promise<InferredTypes | undefined>;
  /**
   * Keeps what a sample says, unless others were faster.
   *
   * @param before what {@link TypesInStore.read} gave, which does not hold any more
   * @returns what stands then: these types, or the others'
   * @throws {TaskLost} when nothing stands that holds, since the task is another attempt's now
   */
  keep(sample: TypeSample, before: InferredTypes | undefined): Promise<InferredTypes>;
}

/** A specification with types for all fields; still without, where none could be inferred. */
export type TypedSpec = JobSpec & Pick<MappingSpec, 'inferred' | 'table'>;

/** What {@link typedSpec} needs. */
export interface TypedSpecOptions {
  readonly types: TypesInStore;
  readonly valueReadings: ValueReadings | undefined;
  /** Reads the slice from its beginning. */
  readonly read: (consumer: RecordConsumer) => Promise<unknown>;
  readonly onProgress: () => void;
}

/**
 * A job's specification with the types that its rows are written with. What is to be inferred is inferred once for
 * the job, from the first slice that shows something, and stands in the store before a row is written with it:
 *
 * - what stands is taken as it is, also by a second attempt at the slice that was sampled;
 * - of two loaders at once one keeps its types, and the other takes them;
 * - what a user declares counts before what was inferred, and is not written into it;
 * - types that were inferred from values of another format do not count, and are replaced.
 */
export async function typedSpec(spec: JobSpec, options: TypedSpecOptions): Promise<TypedSpec> {
  if (!infersTypes(spec)) return spec;
  const standing = await options.types.read();
  if (standing && holdsFor(standing, spec)) return withInferredTypes(spec, standing);
  const sample = await sampleSlice(spec, options);
  if (sample === undefined) return spec;
  return withInferredTypes(spec, await options.types.keep(sample, standing));
}

async function sampleSlice(
  spec: JobSpec,
  { valueReadings, read, onProgress }: TypedSpecOptions,
): Promise<TypeSample | undefined> {
  const reading = await readingOf(spec.format, valueReadings);
  const sampler = makeSampler({ spec, reading });
  const consumer = reading ? awaitingSchemas(sampler, { reading, onProgress }) : sampler;
  await read(consumer);
  return consumer.finish();
}

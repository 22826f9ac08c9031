import {
  MOST_RESULT_BYTES,
  type PreviewedColumn,
  type PreviewResult,
} from '#shared/domain/preview.ts';
import { declaredTypes } from '#shared/domain/spec/field-types.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { RecordConsumer } from '../records.ts';
import type { RowWriters } from '../row-writers.ts';
import { makeSampler } from '../transform/infer/sampler.ts';
import type { TypedSpec } from '../transform/infer/typed-spec.ts';
import { FACT_TYPES } from '../transform/statements.ts';
import { awaitingSchemas } from '../values/awaiting-schemas.ts';
import { jsonBytes } from './shown-values.ts';

/** Of all columns together. */
const COLUMNS_BYTES = 0.1875 * MOST_RESULT_BYTES;

/**
 * The columns of the rows, in their order. Where they are mapped they have the engine's types; where values are passed on
 * as they are, they are the fields that the records show, with the types that would be inferred from them.
 *
 * @param read gives a consumer the records
 */
export async function shownColumns(
  spec: TypedSpec,
  { transform, reading }: Pick<RowWriters, 'transform' | 'reading'>,
  read: (consumer: RecordConsumer) => Promise<void>,
): Promise<Pick<PreviewResult, 'columns' | 'columnsLeftOut'>> {
  const mapped = transform?.plan.columns?.map(({ name }) =>
    column(name, transform.types.get(name)),
  );
  return bounded(mapped ?? (await sampledColumns(spec, reading, read)));
}

async function sampledColumns(
  spec: TypedSpec,
  reading: RowWriters['reading'],
  read: (consumer: RecordConsumer) => Promise<void>,
): Promise<PreviewedColumn[]> {
  const sampler = makeSampler({ spec, reading });
  const consumer = reading ? awaitingSchemas(sampler, { reading, onProgress: () => {} }) : sampler;
  await read(consumer);
  const sample = await consumer.finish();
  const { columns, metadata } = rowFormatOf(spec);
  const types = new Map([...(sample?.types ?? []), ...Object.entries(declaredTypes(spec.types))]);
  return [
    ...(columns ?? [...types.keys()]).map((name) => column(name, types.get(name))),
    ...metadata.map((name) => column(name, FACT_TYPES[name])),
  ];
}

function column(name: string, type: string | undefined): PreviewedColumn {
  return type === undefined ? { name } : { name, type };
}

function bounded(all: PreviewedColumn[]): Pick<PreviewResult, 'columns' | 'columnsLeftOut'> {
  let bytes = 0;
  const end = all.findIndex((each) => {
    bytes += jsonBytes(each) + 1;
    return bytes > COLUMNS_BYTES;
  });
  if (end < 0) return { columns: all };
  return { columns: all.slice(0, end), columnsLeftOut: all.length - end };
}

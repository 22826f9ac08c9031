import type { TypeSample } from '#shared/domain/inferred-types.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import type { FinishingConsumer, RecordView } from '../../records.ts';
import type { RowSpec } from '../../rows/make-row-encoder.ts';
import { RowBuffer } from '../../rows/row-buffer.ts';
import { valuelessFate } from '../../rows/valueless.ts';
import type { ValueReading } from '../../values/value-reading.ts';
import { SampledFields } from './sampled-fields.ts';
import { samplingEncoder } from './sampling-encoder.ts';

/** How much is looked at: as many rows as DuckDB's own readers sample, and about one chunk of bytes. */
const MOST_ROWS = 20_480;
const MOST_BYTES = 16_777_216;

/** What {@link makeSampler} needs. */
export interface SamplerOptions {
  readonly spec: RowSpec & Pick<JobSpec, 'policies'>;
  readonly reading: ValueReading | undefined;
  /** @default 20480 rows and 16 MiB */
  readonly limits?: { readonly maxRows: number; readonly maxBytes: number } | undefined;
}

/**
 * Looks at the first rows of what it is given, and at their schemas where they have any, and keeps none of them: memory
 * is bounded by the number of fields.
 *
 * What makes no row, e.g. a tombstone, or is bad says nothing and does not count. A filter is not asked: it needs
 * the types.
 *
 * @returns a consumer whose `finish` gives the sample; undefined when no row had a field
 */
export function makeSampler({
  spec,
  reading,
  limits = { maxRows: MOST_ROWS, maxBytes: MOST_BYTES },
}: SamplerOptions): FinishingConsumer<TypeSample | undefined> {
  const fields = new SampledFields();
  const encoder = samplingEncoder(spec, reading, {
    takeValue: (field, value) => fields.add(field, value),
    takeFields: (schema) => fields.addSchema(schema),
  });
  const nothing = new RowBuffer(64);
  let rows = 0;
  let bytes = 0;
  const hasRoom = () => rows < limits.maxRows && bytes < limits.maxBytes;
  return {
    accept(record: RecordView) {
      if (!hasRoom() || valuelessFate(record, spec.policies) !== undefined) return;
      const fault = encoder.encode(record, nothing);
      nothing.truncate(0);
      if (fault) return;
      rows += encoder.lastRows?.() ?? 1;
      bytes += record.valueEnd - record.valueStart;
    },
    // Whether it may be left out is decided when the slice is read.
    passOver: () => true,
    drain: async () => hasRoom(),
    finish: async () => fields.sample(rows),
  };
}

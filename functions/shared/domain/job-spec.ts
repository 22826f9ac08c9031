import * as z from 'zod';
import { destination } from './spec/destination.ts';
import { fieldTypes, withDefaultTypes } from './spec/field-types.ts';
import { kafkaSource } from './spec/kafka-source.ts';
import { despiteFaults } from './spec/sound-fields.ts';
import { specFaults } from './spec/spec-faults.ts';
import { faultyParts } from './spec/spec-rule.ts';
import { format } from './spec/value-format.ts';

export type { FileDestination } from './spec/file-destination.ts';
export {
  type KafkaAuth,
  type KafkaSource,
  type OffsetsSpec,
  offsetsSpec,
} from './spec/kafka-source.ts';
export { METADATA_COLUMNS, type MetadataColumn } from './spec/metadata.ts';
export { columnNames } from './spec/row-format.ts';
export type { FormatSpec } from './spec/value-format.ts';

/**
 * A job's specification: what a user POSTs and what GET shows again. Unknown fields are errors, and
 * secrets stand in it only as ARNs. Limits are stated here, in spec/, and nowhere else.
 */

const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1-64 of A-Z a-z 0-9 _ -');

const batch = z.strictObject({
  maxRows: z.int().min(1).max(1_000_000_000).default(20_000_000),
  maxBytes: z.int().min(1_024).max(10_737_418_240).default(268_435_456),
  maxIntervalSeconds: z.int().min(1).max(3_600).default(10),
});
export type BatchLimits = z.infer<typeof batch>;

const errors = z.strictObject({
  maxPerTenThousand: z.int().min(0).max(10_000).default(0),
  maxFilterRatio: z.number().min(0).max(1).default(1),
});

const policies = z.strictObject({
  /** What happens when retention has passed the next offset. */
  offsetOutOfRange: z.enum(['pause', 'earliest', 'latest']).default('pause'),
  /**
   * A record whose value is null. `null`: a row of nulls. `delete`: the row of its key is deleted, or marked as
   * deleted where the destination cannot. Both for JSON only.
   */
  tombstone: z.enum(['skip', 'null', 'delete', 'reject']).default('skip'),
  /** A record whose value has no bytes. */
  emptyValue: z.enum(['skip', 'reject']).default('reject'),
  /**
   * A batch of records that a loader has no memory for: 128 MiB, as it is in the topic or decompressed. `skip` counts
   * its records as bad rows.
   */
  oversizedRecord: z.enum(['pause', 'skip']).default('pause'),
  /** JSON with a field that neither `columns` and `where` name nor `types` declares. */
  unknownColumns: z.enum(['ignore', 'reject']).default('ignore'),
});

/** The whole specification, with its defaults; `z.input` is what a user may write. */
export const jobSpec = z
  .strictObject({
    name,
    comment: z.string().max(1_024).default(''),
    source: z.strictObject({ kafka: kafkaSource }),
    format: format.default({ type: 'json' }),
    /** The columns to load: fields of the value, and `name = expression` in SQL. */
    columns: z.string().min(1).max(16_384).optional(),
    /** Which rows to load, as an SQL condition. */
    where: z.string().min(1).max(16_384).optional(),
    /**
     * The types of the value's fields. A field that it does not name is text in expressions, or has the type that is
     * inferred from a sample: `{"*": "infer"}`, the default for Parquet.
     */
    types: fieldTypes.optional(),
    destination,
    desiredConcurrency: z.int().min(1).max(256).default(5),
    batch: batch.prefault({}),
    errors: errors.prefault({}),
    policies: policies.prefault({}),
  })
  .superRefine((spec, context) => {
    const faulty = faultyParts(context.issues);
    const isSound = !faulty.has('destination') && !faulty.has('format');
    for (const [path, message] of specFaults(isSound ? withDefaultTypes(spec) : spec, faulty)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  }, despiteFaults)
  .overwrite(withDefaultTypes);

/** A specification with every default filled in. */
export type JobSpec = z.infer<typeof jobSpec>;
/** A specification as a user writes it. */
export type JobSpecInput = z.input<typeof jobSpec>;

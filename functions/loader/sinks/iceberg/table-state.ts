import * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';

/**
 * What is read of a table's metadata, by its definition: https://iceberg.apache.org/spec/#table-metadata-fields
 * What is not listed is not looked at, and stays the catalog's.
 */

/** A snapshot's id, of 63 bits. */
const id = z.union([z.int(), z.bigint()]).transform(BigInt);

const schemaField = z.looseObject({
  id: z.int(),
  name: z.string(),
  required: z.boolean(),
  /** A nested type is an object. */
  type: z.union([z.string(), z.looseObject({ type: z.string() })]),
});
export type SchemaField = z.infer<typeof schemaField>;

const tableSchema = z.looseObject({ 'schema-id': z.int(), fields: z.array(schemaField) });
export type TableSchema = z.infer<typeof tableSchema>;

const partitionSpec = z.looseObject({
  'spec-id': z.int(),
  fields: z.array(
    z.looseObject({
      name: z.string(),
      transform: z.string(),
      'source-id': z.int(),
      'field-id': z.int(),
    }),
  ),
});
export type PartitionSpec = z.infer<typeof partitionSpec>;

const snapshot = z.looseObject({
  'snapshot-id': id,
  'parent-snapshot-id': id.nullish(),
  'manifest-list': z.string().optional(),
  summary: z.record(z.string(), z.string()).optional(),
});

const ref = z.looseObject({ 'snapshot-id': id });

const metadata = z.object({
  'format-version': z.int(),
  'table-uuid': z.string().min(1),
  location: z.string().min(1),
  'last-sequence-number': id.default(0n),
  'last-updated-ms': z.int(),
  schemas: z.array(tableSchema),
  'current-schema-id': z.int(),
  'partition-specs': z.array(partitionSpec),
  'default-spec-id': z.int(),
  properties: z.record(z.string(), z.string()).default({}),
  snapshots: z.array(snapshot).default([]),
  'current-snapshot-id': id.nullish(),
  refs: z.record(z.string(), ref).default({}),
});

/** A table as its catalog has it now. */
export type TableState = z.infer<typeof metadata>;

/** Whatever a catalog answers when it is asked for a table. */
export const loadedTable = z.object({ metadata });

/** The one that is written. */
export const FORMAT_VERSION = 2;

/** The branch that rows are added to. */
export const MAIN = 'main';

/** The newest snapshot; undefined while the table has none. Metadata that tells no branches have it by its own field. */
export function mainOf({
  refs,
  'current-snapshot-id': current,
}: Pick<TableState, 'refs' | 'current-snapshot-id'>): bigint | undefined {
  const isTold = typeof current === 'bigint' && current >= 0n;
  return refs[MAIN]?.['snapshot-id'] ?? (isTold ? current : undefined);
}

/** The schema by which rows are written now. @throws {LoadFailure} SINK_REJECTED where the table has none */
export function schemaOf(table: TableState): TableSchema {
  const current = table['current-schema-id'];
  const found = table.schemas.find((schema) => schema['schema-id'] === current);
  if (found) return found;
  throw new LoadFailure('SINK_REJECTED', `the table must have its current schema ${current}`);
}

/** A way to partition by its number. @throws {LoadFailure} SINK_REJECTED where the table has it no more */
export function specOf(table: TableState, specId: number): PartitionSpec {
  const found = table['partition-specs'].find((spec) => spec['spec-id'] === specId);
  if (found) return found;
  throw new LoadFailure('SINK_REJECTED', `the table must have partition spec ${specId}`);
}

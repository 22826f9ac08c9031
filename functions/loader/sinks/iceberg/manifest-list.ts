import { LoadFailure } from '#shared/domain/failure.ts';
import { type AvroField, type AvroRecordSchema, readAvroFile, writeAvroFile } from './avro-file.ts';

/**
 * Manifest lists of format version 2, one for each snapshot: https://iceberg.apache.org/spec/#manifest-lists
 *
 * Writers differ in the names of fields, so fields of lists that others wrote are found by their numbers.
 */

const optional = (type: unknown) => ({ type: ['null', type], default: null }) as const;

const SUMMARY: AvroRecordSchema = {
  type: 'record',
  name: 'r508',
  fields: [
    { name: 'contains_null', type: 'boolean', 'field-id': 509 },
    { name: 'contains_nan', ...optional('boolean'), 'field-id': 518 },
    { name: 'lower_bound', ...optional('bytes'), 'field-id': 510 },
    { name: 'upper_bound', ...optional('bytes'), 'field-id': 511 },
  ],
};

const summaries = { type: 'array', items: SUMMARY, 'element-id': 508 };

const MANIFEST: AvroRecordSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    { name: 'manifest_path', type: 'string', 'field-id': 500 },
    { name: 'manifest_length', type: 'long', 'field-id': 501 },
    { name: 'partition_spec_id', type: 'int', 'field-id': 502 },
    { name: 'content', type: 'int', 'field-id': 517 },
    { name: 'sequence_number', type: 'long', 'field-id': 515 },
    { name: 'min_sequence_number', type: 'long', 'field-id': 516 },
    { name: 'added_snapshot_id', type: 'long', 'field-id': 503 },
    { name: 'added_files_count', type: 'int', 'field-id': 504 },
    { name: 'existing_files_count', type: 'int', 'field-id': 505 },
    { name: 'deleted_files_count', type: 'int', 'field-id': 506 },
    { name: 'added_rows_count', type: 'long', 'field-id': 512 },
    { name: 'existing_rows_count', type: 'long', 'field-id': 513 },
    { name: 'deleted_rows_count', type: 'long', 'field-id': 514 },
    { name: 'partitions', ...optional(summaries), 'field-id': 507 },
    { name: 'key_metadata', ...optional('bytes'), 'field-id': 519 },
  ],
};

/** What version 1 does not have, and reads as. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  content: 0,
  sequence_number: 0n,
  min_sequence_number: 0n,
};

/** A manifest as a list shows it, by the names above. */
export type ListedManifest = Readonly<Record<string, unknown>>;

/** A new manifest. The partitions' bounds are those of all its files. */
export interface NewManifest {
  readonly path: string;
  readonly bytes: number;
  readonly specId: number;
  readonly files: number;
  readonly rows: number;
  /** One for each field of the partition spec. */
  readonly partitions: readonly PartitionSummary[];
}

/** Which values a partition field has in a manifest. */
export interface PartitionSummary {
  readonly hasNull: boolean;
  /** Absent where all are null. */
  readonly lowest: number | undefined;
  readonly highest: number | undefined;
}

/** A new manifest as the list of the snapshot shows it that adds it. */
export function listed(
  manifest: NewManifest,
  { snapshotId, sequenceNumber }: { readonly snapshotId: bigint; readonly sequenceNumber: bigint },
): ListedManifest {
  return {
    manifest_path: manifest.path,
    manifest_length: BigInt(manifest.bytes),
    partition_spec_id: manifest.specId,
    content: 0,
    sequence_number: sequenceNumber,
    min_sequence_number: sequenceNumber,
    added_snapshot_id: snapshotId,
    added_files_count: manifest.files,
    existing_files_count: 0,
    deleted_files_count: 0,
    added_rows_count: BigInt(manifest.rows),
    existing_rows_count: 0n,
    deleted_rows_count: 0n,
    partitions: manifest.partitions.map(({ hasNull, lowest, highest }) => ({
      contains_null: hasNull,
      contains_nan: false,
      lower_bound: boundOf(lowest),
      upper_bound: boundOf(highest),
    })),
    key_metadata: null,
  };
}

/** Single values of type int and date are 4 bytes: https://iceberg.apache.org/spec/#binary-single-value-serialization */
function boundOf(value: number | undefined): Buffer | null {
  if (value === undefined) return null;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** The list of a snapshot that has these manifests. */
export function manifestListBytes(
  manifests: readonly ListedManifest[],
  snapshot: {
    readonly snapshotId: bigint;
    readonly parentId: bigint | undefined;
    readonly sequenceNumber: bigint;
  },
): Buffer {
  return writeAvroFile(MANIFEST, manifests, {
    'snapshot-id': String(snapshot.snapshotId),
    'parent-snapshot-id': String(snapshot.parentId ?? null),
    'sequence-number': String(snapshot.sequenceNumber),
    'format-version': '2',
  });
}

/** @throws {LoadFailure} SINK_REJECTED for what is no manifest list, or lacks what version 2 must have */
export function readManifestList(bytes: Buffer): ListedManifest[] {
  const { schema, rows } = readAvroFile(bytes);
  return rows.map((row) => renamed(row, schema.fields, MANIFEST));
}

function renamed(
  row: Readonly<Record<string, unknown>>,
  theirs: readonly AvroField[],
  { fields }: AvroRecordSchema,
): ListedManifest {
  const byNumber = new Map(theirs.map((field) => [field['field-id'], field]));
  const values = fields.map(({ name, type, default: none, 'field-id': number }) => {
    const field = byNumber.get(number);
    const given = field && row[field.name];
    const value = given ?? DEFAULTS[name] ?? none;
    if (value === undefined) {
      throw new LoadFailure('SINK_REJECTED', `a manifest list must tell ${name}, got none`);
    }
    const inner = number === 507 && field && Array.isArray(value) ? itemsOf(field.type) : undefined;
    if (inner === undefined) return [name, value, type] as const;
    const parts = value as readonly Readonly<Record<string, unknown>>[];
    return [name, parts.map((part) => renamed(part, inner, SUMMARY))] as const;
  });
  return Object.fromEntries(values.map(([name, value]) => [name, value]));
}

/** The fields of the records in a list, which may be one branch of a union. */
function itemsOf(type: unknown): readonly AvroField[] | undefined {
  const branches: readonly unknown[] = Array.isArray(type) ? type : [type];
  for (const branch of branches) {
    const { items } = (branch ?? {}) as { readonly items?: AvroRecordSchema };
    if (items) return items.fields;
  }
  return undefined;
}

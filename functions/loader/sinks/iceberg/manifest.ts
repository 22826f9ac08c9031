import { type AvroRecordSchema, writeAvroFile } from './avro-file.ts';
import { exactJson } from './exact-json.ts';
import type { PartitionSpec, TableSchema } from './table-state.ts';

/**
 * Manifests of format version 2, which list data files: https://iceberg.apache.org/spec/#manifests
 *
 * Snapshot and sequence numbers are left null: a manifest then has those of the snapshot that lists it, so it can be
 * written before it is known which that will be.
 */

/** A data file that is there and belongs to no snapshot yet. */
export interface AddedFile {
  /** Its whole location, `s3://...`. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of all its rows; null also in a table without partitions. */
  readonly partition: number | null;
}

const ADDED = 1;
const DATA = 0;

/** The manifest of files that are added, in one partition spec. */
export function manifestBytes(
  files: readonly AddedFile[],
  { spec, schema }: { readonly spec: PartitionSpec; readonly schema: TableSchema },
): Buffer {
  const [part] = spec.fields;
  const entries = files.map(({ path, rows, bytes, partition }) => ({
    status: ADDED,
    snapshot_id: null,
    sequence_number: null,
    file_sequence_number: null,
    data_file: {
      content: DATA,
      file_path: path,
      file_format: 'PARQUET',
      partition: part ? { [PARTITION]: partition } : {},
      record_count: BigInt(rows),
      file_size_in_bytes: BigInt(bytes),
    },
  }));
  return writeAvroFile(entrySchema(spec), entries, {
    schema: exactJson(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': exactJson(spec.fields),
    'partition-spec-id': String(spec['spec-id']),
    'format-version': '2',
    content: 'data',
  });
}

/** Readers go by the number; a column may have a name that Avro does not take. */
const PARTITION = 'period';

const optionalLong = { type: ['null', 'long'], default: null } as const;

function entrySchema({ fields: [part] }: PartitionSpec): AvroRecordSchema {
  const value = part?.transform === 'day' ? { type: 'int', logicalType: 'date' } : 'int';
  const partition = part
    ? [{ name: PARTITION, type: ['null', value], default: null, 'field-id': part['field-id'] }]
    : [];
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      { name: 'status', type: 'int', 'field-id': 0 },
      { name: 'snapshot_id', ...optionalLong, 'field-id': 1 },
      { name: 'sequence_number', ...optionalLong, 'field-id': 3 },
      { name: 'file_sequence_number', ...optionalLong, 'field-id': 4 },
      {
        name: 'data_file',
        type: {
          type: 'record',
          name: 'r2',
          fields: [
            { name: 'content', type: 'int', 'field-id': 134 },
            { name: 'file_path', type: 'string', 'field-id': 100 },
            { name: 'file_format', type: 'string', 'field-id': 101 },
            {
              name: 'partition',
              type: { type: 'record', name: 'r102', fields: partition },
              'field-id': 102,
            },
            { name: 'record_count', type: 'long', 'field-id': 103 },
            { name: 'file_size_in_bytes', type: 'long', 'field-id': 104 },
          ],
        },
        'field-id': 2,
      },
    ],
  };
}

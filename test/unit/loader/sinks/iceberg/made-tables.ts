import {
  loadedTable,
  type TableState,
} from '../../../../../functions/loader/sinks/iceberg/table-state.ts';

/** A snapshot of a made table, as a catalog shows it. */
export interface MadeSnapshot {
  readonly id: bigint;
  readonly parent?: bigint;
  readonly summary?: Readonly<Record<string, string>>;
}

/** A table as a catalog would show it; its last snapshot is the newest. */
export function madeTable(
  more: Readonly<Record<string, unknown>> & { readonly made?: readonly MadeSnapshot[] } = {},
): TableState {
  const { made = [], ...given } = more;
  const snapshots = made.map(({ id, parent, summary }) => ({
    'snapshot-id': id,
    ...(parent === undefined ? {} : { 'parent-snapshot-id': parent }),
    'manifest-list': `s3://lake/flights/metadata/snap-${id}.avro`,
    summary: { operation: 'append', ...summary },
  }));
  const newest = made.at(-1);
  return loadedTable.parse({
    metadata: {
      'format-version': 2,
      'table-uuid': 'uuid-1',
      location: 's3://lake/flights',
      'last-sequence-number': made.length,
      'last-updated-ms': 1_000,
      schemas: [
        {
          type: 'struct',
          'schema-id': 0,
          fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
        },
      ],
      'current-schema-id': 0,
      'partition-specs': [{ 'spec-id': 0, fields: [] }],
      'default-spec-id': 0,
      snapshots,
      ...(newest && { refs: { main: { type: 'branch', 'snapshot-id': newest.id } } }),
      ...given,
    },
  }).metadata;
}

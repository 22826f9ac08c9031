import { LANE_IN_SUMMARY, type LedgerEntry, TASK_IN_SUMMARY } from './ledger.ts';
import { MAIN, mainOf, type TableState } from './table-state.ts';

/** The snapshot that one commit adds. */
export interface NewSnapshot {
  readonly id: bigint;
  readonly parentId: bigint | undefined;
  readonly sequenceNumber: bigint;
}

/** The snapshot of a task on top of a table as it is now. */
export function nextSnapshot(table: TableState, { snapshotId }: LedgerEntry): NewSnapshot {
  return {
    id: snapshotId,
    parentId: mainOf(table),
    sequenceNumber: table['last-sequence-number'] + 1n,
  };
}

/** What {@link commitRequest} puts together. */
interface CommitRequestOptions {
  readonly entry: LedgerEntry;
  readonly manifestList: string;
  readonly files: readonly { readonly rows: number; readonly bytes: number }[];
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The one request that makes a task's files visible and marks the task, by
 * https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml (CommitTableRequest). It counts only
 * if the table is the same, and its newest snapshot that of `table`.
 */
export function commitRequest(
  table: TableState,
  { id, parentId, sequenceNumber }: NewSnapshot,
  { entry, manifestList, files, now }: CommitRequestOptions,
): object {
  const snapshot = {
    'snapshot-id': id,
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequenceNumber,
    // Of two clocks one is behind: snapshots must not be.
    'timestamp-ms': Math.max(now, table['last-updated-ms']),
    'manifest-list': manifestList,
    summary: {
      ...summaryOf(table, parentId, files),
      [TASK_IN_SUMMARY]: entry.mark,
      [LANE_IN_SUMMARY]: entry.property,
    },
    'schema-id': table['current-schema-id'],
  };
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: entry.tableUuid },
      { type: 'assert-ref-snapshot-id', ref: MAIN, 'snapshot-id': parentId ?? null },
    ],
    updates: [
      { action: 'add-snapshot', snapshot },
      {
        // What else the branch says, e.g. how long its snapshots are kept, stays.
        ...table.refs[MAIN],
        action: 'set-snapshot-ref',
        'ref-name': MAIN,
        type: 'branch',
        'snapshot-id': id,
      },
      { action: 'set-properties', updates: { [entry.property]: entry.mark } },
    ],
  };
}

/** Totals, where the snapshot before has them. */
const TOTALS = [
  'total-data-files',
  'total-records',
  'total-files-size',
  'total-delete-files',
  'total-position-deletes',
  'total-equality-deletes',
] as const;

function summaryOf(
  table: TableState,
  parentId: bigint | undefined,
  files: CommitRequestOptions['files'],
): Record<string, string> {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const added: Partial<Record<(typeof TOTALS)[number], number>> = {
    'total-data-files': files.length,
    'total-records': rows,
    'total-files-size': bytes,
  };
  const parent = table.snapshots.find((one) => one['snapshot-id'] === parentId);
  const totals = TOTALS.flatMap((name) => {
    const before = parentId === undefined ? '0' : parent?.summary?.[name];
    if (before === undefined || !/^\d+$/.test(before)) return [];
    return [[name, String(BigInt(before) + BigInt(added[name] ?? 0))] as const];
  });
  return {
    operation: 'append',
    'added-data-files': String(files.length),
    'added-records': String(rows),
    'added-files-size': String(bytes),
    ...Object.fromEntries(totals),
  };
}

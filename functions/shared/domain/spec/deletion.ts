import { parseColumns } from './column-list.ts';
import type { Destination } from './destination.ts';
import type { MappingSpec } from './mapping.ts';
import { rowFormatOf } from './row-format.ts';
import type { SpecFault, SpecRule } from './spec-rule.ts';

/** How a warehouse is told of each row whether it deletes: 1 where it does, 0 where it does not. */
export interface Deletion {
  readonly signColumn: '__DORIS_DELETE_SIGN__' | '__op';
  /** The columns of the table's unique or primary key, which the record's key gives. */
  readonly keyColumns: readonly string[];
}

interface DeletionSpec {
  readonly policies?: { readonly tombstone: 'skip' | 'null' | 'delete' | 'reject' } | undefined;
  readonly destination: Destination;
}

/** What deletes in a warehouse by this specification; undefined where tombstones do not delete there. */
export function deletionOf({ policies, destination }: DeletionSpec): Deletion | undefined {
  if (policies?.tombstone !== 'delete') return undefined;
  const { doris, starrocks } = destination;
  if (doris) {
    return { signColumn: '__DORIS_DELETE_SIGN__', keyColumns: doris.keyColumns ?? [] };
  }
  return starrocks && { signColumn: '__op', keyColumns: starrocks.keyColumns ?? [] };
}

/** What must be given so that `policies.tombstone: "delete"` can delete. */
export const DELETION_RULES: readonly SpecRule[] = (
  [
    { needs: ['columns', 'destination.metadata'], faults: fileFaults },
    { needs: ['destination.keyColumns'], faults: keyFaults },
    { needs: ['destination.mergeType'], faults: mergeFaults },
    { needs: ['columns', 'destination.*'], faults: columnsFaults },
    { needs: ['format', 'destination.*'], faults: shapeFaults },
  ] satisfies SpecRule[]
).map(({ needs, faults }) => ({
  needs: ['policies', ...needs],
  faults: (spec) => (spec.policies?.tombstone === 'delete' ? faults(spec) : []),
}));

/** Files cannot delete: whoever reads them must see which rows do, and of which key. */
function fileFaults(spec: MappingSpec): SpecFault[] {
  if (isWarehouse(spec)) return [];
  const written = [
    ...rowFormatOf(spec).metadata,
    ...parseColumns(spec.columns ?? '').items.flatMap(({ name, expression = '' }) => [
      name,
      ...expression.split(/[^A-Za-z0-9_]+/),
    ]),
  ];
  const missing = ['_deleted', '_key'].filter((name) => !written.includes(name));
  if (missing.length === 0) return [];
  const message = `cannot be delete without ${missing.join(' and ')} among the destination's metadata: files and objects only tell which rows delete`;
  return [[['policies', 'tombstone'], message]];
}

function isWarehouse({ destination: { doris, starrocks } }: MappingSpec): boolean {
  return doris !== undefined || starrocks !== undefined;
}

function keyFaults({ destination: { doris, starrocks } }: MappingSpec): SpecFault[] {
  const warehouse = doris ?? starrocks;
  if (!warehouse || warehouse.keyColumns !== undefined) return [];
  const message = 'is required for policies.tombstone delete: the columns of the unique key';
  return [[['destination', doris ? 'doris' : 'starrocks', 'keyColumns'], message]];
}

function mergeFaults({ destination: { doris } }: MappingSpec): SpecFault[] {
  if (doris?.mergeType === undefined) return [];
  const message = 'cannot be given beside policies.tombstone delete, which marks rows by itself';
  return [[['destination', 'doris', 'mergeType'], message]];
}

/** Stream Load of StarRocks learns of __op by `columns` only. */
function columnsFaults({ columns, destination: { starrocks } }: MappingSpec): SpecFault[] {
  if (!starrocks || columns !== undefined) return [];
  return [[['columns'], 'must name the columns for policies.tombstone delete in starrocks']];
}

function shapeFaults(spec: MappingSpec): SpecFault[] {
  const { format } = spec;
  const isShaped =
    format.type === 'json' && (format.jsonRoot !== undefined || format.jsonPaths !== undefined);
  if (!isShaped || !isWarehouse(spec)) return [];
  const message = 'cannot be delete beside jsonRoot or jsonPaths: the mark would not be found';
  return [[['policies', 'tombstone'], message]];
}

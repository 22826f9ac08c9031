import { parseColumns } from './column-list.ts';
import type { Destination } from './destination.ts';
import type { MappingSpec } from './mapping.ts';
import { rowFormatOf } from './row-format.ts';
import type { SpecFault } from './spec-rule.ts';

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
export function deletionFaults(spec: MappingSpec): SpecFault[] {
  if (spec.policies?.tombstone !== 'delete') return [];
  const { doris, starrocks } = spec.destination;
  return doris || starrocks ? warehouseFaults(spec) : fileFaults(spec);
}

/** Files cannot delete: whoever reads them must see which rows do, and of which key. */
function fileFaults(spec: MappingSpec): SpecFault[] {
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

function warehouseFaults(spec: MappingSpec): SpecFault[] {
  const { destination, format, columns } = spec;
  const { doris, starrocks } = destination;
  const faults: SpecFault[] = [];
  const kind = doris ? 'doris' : 'starrocks';
  if ((doris ?? starrocks)?.keyColumns === undefined) {
    const message = 'is required for policies.tombstone delete: the columns of the unique key';
    faults.push([['destination', kind, 'keyColumns'], message]);
  }
  if (doris?.mergeType !== undefined) {
    const message = 'cannot be given beside policies.tombstone delete, which marks rows by itself';
    faults.push([['destination', 'doris', 'mergeType'], message]);
  }
  // Stream Load of StarRocks learns of __op by `columns` only.
  if (starrocks && columns === undefined) {
    faults.push([['columns'], 'must name the columns for policies.tombstone delete in starrocks']);
  }
  const isShaped =
    format.type === 'json' && (format.jsonRoot !== undefined || format.jsonPaths !== undefined);
  if (isShaped) {
    const message = 'cannot be delete beside jsonRoot or jsonPaths: the mark would not be found';
    faults.push([['policies', 'tombstone'], message]);
  }
  return faults;
}

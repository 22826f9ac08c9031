import { DELETION_RULES } from './deletion.ts';
import type { Destination, DestinationKind } from './destination.ts';
import { DESTINATIONS } from './destination.ts';
import { headerText } from './header-text.ts';
import type { MappingSpec } from './mapping.ts';
import { mappingOf } from './mapping.ts';
import { MAPPING_RULES } from './mapping-faults.ts';
import { PARTITION_RULES } from './partition-faults.ts';
import { rowFormatOf } from './row-format.ts';
import { isSound, type SpecFault, type SpecRule } from './spec-rule.ts';
import { decodedFormat } from './value-format.ts';

/** What only shows when the parts of a specification are seen beside each other. */

const WAREHOUSE_RULES: readonly SpecRule[] = [
  { needs: ['columns'], faults: (spec) => headerFaults(spec, 'columns') },
  { needs: ['where'], faults: (spec) => headerFaults(spec, 'where') },
];

const COMMON_RULES: readonly SpecRule[] = [
  { needs: ['format'], faults: dialectFaults },
  {
    needs: ['columns', 'where', 'types', 'format', 'destination.metadata', 'destination.format'],
    faults: metadataFaults,
  },
  { needs: ['policies', 'columns', 'types', 'format', 'destination.*'], faults: policyFaults },
  ...DELETION_RULES,
];

/**
 * All that does not fit together.
 *
 * @param faulty what {@link faultyParts} says of the specification
 */
export function specFaults(spec: MappingSpec, faulty: ReadonlySet<string>): SpecFault[] {
  return [...rulesOf(spec.destination), ...COMMON_RULES]
    .filter((rule) => isSound(rule, faulty))
    .flatMap(({ faults }) => faults(spec));
}

/** Which rules hold for columns and filter hangs on the destination's kind only, whatever is wrong inside of it. */
function rulesOf(destination: Partial<Destination> | null | undefined): readonly SpecRule[] {
  const given = DESTINATIONS.filter((kind) => destination?.[kind] !== undefined);
  if (given.length !== 1) return [];
  return given[0] === 'doris' || given[0] === 'starrocks'
    ? WAREHOUSE_RULES
    : [...MAPPING_RULES, ...PARTITION_RULES];
}

/** Doris and StarRocks get columns and filter as they are, in headers. */
function headerFaults(spec: MappingSpec, field: 'columns' | 'where'): SpecFault[] {
  const text = spec[field];
  const [issue] = text === undefined ? [] : (headerText.safeParse(text).error?.issues ?? []);
  return issue ? [[[field], issue.message]] : [];
}

function dialectFaults({ format }: MappingSpec): SpecFault[] {
  if (format.type !== 'csv') return [];
  const faults: SpecFault[] = [];
  const { columnSeparator, enclose, columns } = format;
  if (columnSeparator === enclose || columnSeparator === format.escape) {
    faults.push([['format', 'columnSeparator'], 'must differ from enclose and escape']);
  }
  if (columns && new Set(columns).size !== columns.length) {
    faults.push([['format', 'columns'], 'must not repeat a column']);
  }
  return faults;
}

/** Policies that look into values. */
function policyFaults(spec: MappingSpec): SpecFault[] {
  const { policies, format, destination, columns, types } = spec;
  const faults: SpecFault[] = [];
  const isJson = decodedFormat(format).type === 'json' && !rowFormatOf(spec).asIs;
  const { tombstone } = policies ?? {};
  const makesRow = tombstone === 'null' || tombstone === 'delete';
  if (makesRow && !isJson) {
    const message = `must not be ${tombstone} for values that are not JSON objects`;
    faults.push([['policies', 'tombstone'], message]);
  }
  if (tombstone === 'null' && hasRootElsewhere(spec)) {
    faults.push([['policies', 'tombstone'], 'must not be null beside jsonRoot, which it lacks']);
  }
  if (policies?.unknownColumns !== 'reject') return faults;
  const warehouse = destination.doris ?? destination.starrocks;
  const isNamed = columns ?? types ?? destination.iceberg;
  if (warehouse || !isJson || isNamed === undefined) {
    const message = 'must be ignore where no columns or types of JSON are given for files or s3';
    faults.push([['policies', 'unknownColumns'], message]);
  }
  return faults;
}

/** Nothing can be added to a value that is passed on as it is. */
function metadataFaults(spec: MappingSpec): SpecFault[] {
  const rows = rowFormatOf(spec);
  if (rows.metadata.length === 0) return [];
  const path = ['destination', kindOf(spec.destination), 'metadata'];
  if (rows.asIs)
    return [[path, 'cannot be added to values that pass as they are: use format json']];
  if (hasRootElsewhere(spec)) {
    return [[path, 'cannot be added beside jsonRoot: it would stand outside of the root']];
  }
  if (spec.format.type !== 'raw' || rows.format !== 'ndjson' || mappingOf(spec)) return [];
  return [
    [
      path,
      'cannot be added to raw bytes in ndjson; use format json or csv, or destination format csv',
    ],
  ];
}

/** Whether a warehouse looks for rows somewhere in what we send: what we add stands at its top. */
function hasRootElsewhere({ format, destination }: MappingSpec): boolean {
  const warehouse = destination.doris ?? destination.starrocks;
  return warehouse !== undefined && format.type === 'json' && format.jsonRoot !== undefined;
}

function kindOf(destination: Destination): DestinationKind {
  return DESTINATIONS.find((kind) => destination[kind] !== undefined) ?? 'file';
}

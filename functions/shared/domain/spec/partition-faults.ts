import { type ColumnItem, parseColumns } from './column-list.ts';
import { type FieldKind, kindOfType } from './field-type.ts';
import type { MappingSpec } from './mapping.ts';
import { type PartitionBy, RECORD_KEY_FIELDS, recordParts } from './partition-by.ts';
import type { SpecFault, SpecRule } from './spec-rule.ts';

/** What is wrong with `partitionBy`, seen beside columns, types and key template. */
export const PARTITION_RULES: readonly SpecRule[] = [
  { needs: ['destination'], faults: templateFaults },
  { needs: ['destination', 'columns', 'types'], faults: columnFaults },
];

/** Every period needs a key of its own, and a key can name only what all rows of its object share. */
function templateFaults({ destination: { s3 } }: MappingSpec): SpecFault[] {
  if (s3 === undefined) return [];
  const path = ['destination', 's3', 'keyTemplate'];
  const used = RECORD_KEY_FIELDS.filter((field) => s3.keyTemplate.includes(`{${field}}`));
  if (s3.partitionBy === undefined) {
    const [first] = used;
    return first ? [[path, `must not have {${first}} in it without partitionBy`]] : [];
  }
  const { unit } = s3.partitionBy;
  const parts = recordParts(unit);
  const finer = used.find((field) => field !== 'record_date' && !parts.includes(field));
  if (finer) return [[path, `must not have {${finer}} in it where partitionBy.unit is ${unit}`]];
  const told = used.includes('record_date') ? [...used, ...recordParts('day')] : used;
  if (parts.every((part) => told.includes(part))) return [];
  const all = parts.map((part) => `{${part}}`).join(' ');
  const short = unit === 'hour' ? '{record_date} {record_hour}' : '{record_date}';
  return [[path, `must have ${short} or ${all} in it, so that each ${unit} gets a key of its own`]];
}

const DATES: ReadonlySet<FieldKind | undefined> = new Set(['date', 'timestamp']);

function columnFaults({ destination, columns, types = {} }: MappingSpec): SpecFault[] {
  const kind = destination.s3 ? 's3' : 'file';
  const by: PartitionBy | undefined = destination[kind]?.partitionBy;
  if (by === undefined) return [];
  const path = ['destination', kind, 'partitionBy', 'column'];
  const listed = columns === undefined ? undefined : parseColumns(columns);
  if (listed?.fault !== undefined) return [];
  const items: readonly ColumnItem[] =
    listed?.items ?? Object.keys(types).map((name) => ({ name }));
  // The engine does not tell capital letters from small ones.
  const isIt = (name: string) => name.toLowerCase() === by.column.toLowerCase();
  const found = items.find(({ name }) => isIt(name));
  if (found === undefined) {
    const place = columns === undefined ? 'types' : 'columns';
    return [
      [path, `must be a column of the result, one in ${place}, got ${JSON.stringify(by.column)}`],
    ];
  }
  // What an expression gives is the engine's to say, with the job's first slice.
  if (found.expression !== undefined) return [];
  const type = Object.entries(types).find(([name]) => isIt(name))?.[1];
  if (type !== undefined && (DATES.has(kindOfType(type)) || type === 'TIMESTAMPTZ')) return [];
  const got = type ?? 'none';
  return [[path, `must have type DATE, TIMESTAMP or TIMESTAMPTZ in types, got ${got}`]];
}

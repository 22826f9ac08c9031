import { LoadFailure } from '#shared/domain/failure.ts';
import { type PartitionBy, PERIOD_UNITS } from '#shared/domain/spec/partition-by.ts';
import type { TableColumn, TableShape } from '#shared/domain/spec/table-shape.ts';
import {
  FORMAT_VERSION,
  type PartitionSpec,
  type SchemaField,
  schemaOf,
  specOf,
  type TableState,
} from './table-state.ts';

/** Iceberg's primitive types in the engine's words. `fixed`, nanoseconds and what is nested are not among them. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
};

const DECIMAL = /^decimal\((\d+), *(\d+)\)$/;

/** Types whose values have a period. */
const DATED: readonly unknown[] = ['date', 'timestamp', 'timestamptz'];

/**
 * What a table makes of rows: its columns, and by which date they are kept apart.
 *
 * @throws {LoadFailure} SINK_REJECTED for another format version than 2, and for a partitioning that is not by the
 * month, day or hour of one column
 */
export function tableShape(table: TableState): TableShape {
  const version = table['format-version'];
  if (version !== FORMAT_VERSION) {
    const message = `format version of the table must be ${FORMAT_VERSION}, got ${version}`;
    throw new LoadFailure('SINK_REJECTED', message);
  }
  const { fields } = schemaOf(table);
  const spec = specOf(table, table['default-spec-id']);
  return { columns: fields.map(columnOf), partitionBy: partitionByOf(spec, fields) };
}

function columnOf({ id, name, required, type }: SchemaField): TableColumn {
  const told = typeof type === 'string' ? type : type.type;
  return { name, fieldId: id, told, type: sqlType(told), isRequired: required };
}

function sqlType(told: string): string | undefined {
  const decimal = DECIMAL.exec(told);
  if (decimal) return `DECIMAL(${decimal[1]},${decimal[2]})`;
  return Object.hasOwn(TYPES, told) ? TYPES[told] : undefined;
}

function partitionByOf(
  { fields: parts }: PartitionSpec,
  fields: readonly SchemaField[],
): PartitionBy | undefined {
  const [part, ...others] = parts;
  if (part === undefined) return undefined;
  const unit = PERIOD_UNITS.find((each) => each === part.transform);
  const source = fields.find(({ id }) => id === part['source-id']);
  if (others.length === 0 && unit && source && DATED.includes(source.type)) {
    return { column: source.name, unit };
  }
  const got = parts.map(({ name, transform }) => `${name} (${transform})`).join(', ');
  const message = `partitions of the table must be by the ${PERIOD_UNITS.join(', ')} of one column, got ${got}`;
  throw new LoadFailure('SINK_REJECTED', message);
}

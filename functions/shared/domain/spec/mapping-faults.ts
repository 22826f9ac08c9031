import { parseColumns } from './column-list.ts';
import { scanExpression } from './expression-text.ts';
import { ALL_OTHERS, declaredTypes } from './field-types.ts';
import { jsonFaults, namesOfPaths } from './json-faults.ts';
import { type MappingSpec, mappingOf, RAW_FIELD } from './mapping.ts';
import { rowFormatOf } from './row-format.ts';
import type { SpecFault, SpecRule } from './spec-rule.ts';
import { decodedFormat } from './value-format.ts';

/**
 * What is wrong with columns, filter and types where rows are written by us. What only an engine knows, e.g.
 * whether a function exists, shows with the job's first slice.
 */
export const MAPPING_RULES: readonly SpecRule[] = [
  { needs: ['columns'], faults: columnListFaults },
  { needs: ['columns', 'where', 'types', 'format', 'destination'], faults: columnsFaults },
  { needs: ['where'], faults: whereFaults },
  { needs: ['types', 'format', 'columns'], faults: typesFaults },
  { needs: ['columns', 'where', 'types', 'format', 'destination'], faults: nameFaults },
  { needs: ['destination'], faults: compressionFaults },
  { needs: ['types', 'destination.*'], faults: inferenceFaults },
  { needs: ['format', 'columns', 'policies'], faults: jsonFaults },
];

function columnListFaults({ columns }: MappingSpec): SpecFault[] {
  const fault = columns === undefined ? undefined : parseColumns(columns).fault;
  return fault === undefined ? [] : [[['columns'], fault]];
}

function columnsFaults(spec: MappingSpec): SpecFault[] {
  const { columns, format } = spec;
  if (columns === undefined) return [];
  const { items, fault } = parseColumns(columns);
  if (fault !== undefined) return [];
  const mapping = mappingOf(spec);
  if (format.type === 'raw' && mapping === undefined) {
    return [[['columns'], 'cannot be given for format raw, whose only column is value']];
  }
  // The engine does not tell capital letters from small ones.
  const names = items.map(({ name }) => (mapping ? name.toLowerCase() : name));
  const metadata = mapping ? rowFormatOf(spec).metadata : [];
  if (new Set([...names, ...metadata]).size !== names.length + metadata.length) {
    return [[['columns'], 'must not repeat a column']];
  }
  const fields = fieldsOf(spec);
  const unknown = items.find(
    ({ name, expression }) => expression === undefined && fields && !fields.includes(name),
  );
  if (unknown === undefined || (mapping && unknown.name.startsWith('_'))) return [];
  const among = format.type === 'csv' ? 'format.columns' : 'value';
  return [[['columns'], `must be among ${among}, got ${JSON.stringify(unknown.name)}`]];
}

function whereFaults({ where }: MappingSpec): SpecFault[] {
  if (where === undefined) return [];
  const { fault, commas } = scanExpression(where);
  if (fault !== undefined) return [[['where'], fault]];
  return commas.length > 0 ? [[['where'], 'must be one condition, got a list']] : [];
}

function typesFaults(spec: MappingSpec): SpecFault[] {
  const names = Object.keys(declaredTypes(spec.types));
  const fields = fieldsOf(spec);
  const faults = names
    .filter((name) => fields && !fields.includes(name))
    .map((name): SpecFault => [['types', name], `must be one of the fields ${fields?.join(', ')}`]);
  if (spec.format.type === 'raw' && spec.types && Object.hasOwn(spec.types, ALL_OTHERS)) {
    faults.push([['types', ALL_OTHERS], 'cannot be given for format raw, whose values are text']);
  }
  if (new Set(names.map((name) => name.toLowerCase())).size !== names.length) {
    faults.push([['types'], 'must not have names that differ in capital letters only']);
  }
  return faults;
}

/** Every column must have a name where the format has names. */
function nameFaults(spec: MappingSpec): SpecFault[] {
  const { columns, types = {} } = spec;
  const format = decodedFormat(spec.format);
  if (spec.destination.iceberg) return format.type === 'csv' ? unnamedFields(format) : [];
  const { format: written } = rowFormatOf(spec);
  const isUnnamed = columns === undefined && Object.keys(types).length === 0;
  if (format.type === 'json' && isUnnamed && written === 'csv') {
    return [[['columns'], 'must name the columns to write when JSON is loaded into csv']];
  }
  if (format.type === 'json' && isUnnamed && written === 'parquet') {
    return [[['types'], 'must name the fields to write, or columns must, or it must be "infer"']];
  }
  if (format.type !== 'csv' || format.columns !== undefined) return [];
  if (written === 'ndjson') {
    return [[['format', 'columns'], 'must name the fields when CSV is loaded into ndjson']];
  }
  if (mappingOf(spec)) {
    return [[['format', 'columns'], 'must name the fields for where, types and expressions']];
  }
  return [];
}

/** The columns of a table have names, so the fields must have them, too. */
function unnamedFields({ columns }: { readonly columns?: readonly string[] | undefined }) {
  const fault: SpecFault = [['format', 'columns'], 'must name the fields for a table'];
  return columns === undefined ? [fault] : [];
}

function inferenceFaults({ types = {}, destination: { iceberg } }: MappingSpec): SpecFault[] {
  if (!iceberg || !Object.hasOwn(types, ALL_OTHERS)) return [];
  return [[['types', ALL_OTHERS], 'cannot be given for iceberg, whose table says the types']];
}

function compressionFaults({ destination: { s3 } }: MappingSpec): SpecFault[] {
  if (s3?.format !== 'parquet' || s3.compression === 'none') return [];
  const message = 'must be none for parquet, whose columns are compressed each for itself';
  return [[['destination', 's3', 'compression'], message]];
}

/** The fields that every value has; undefined where each value says so itself. */
function fieldsOf(spec: MappingSpec): readonly string[] | undefined {
  const format = decodedFormat(spec.format);
  switch (format.type) {
    case 'csv':
      return format.columns ?? [];
    case 'raw':
      return [RAW_FIELD];
    case 'json':
      return format.jsonPaths && namesOfPaths(spec.columns);
  }
}

import avro from 'avsc';
import {
  certain,
  likely,
  type SchemaFields,
  type SchemaSays,
  unite,
  uniteFields,
} from '../schema-fields.ts';
import { AnnotatedType } from './avro-types.ts';
import { logicalValue } from './logical-values.ts';

/**
 * The fields of a schema's records, with the types of columns that hold what values become, which are JSON: bytes and
 * fixed are text then, and records, arrays and maps JSON.
 */
export function avroFields(root: avro.Type): SchemaFields {
  const { types } = avro;
  if (root instanceof AnnotatedType) return avroFields(root.underlyingType);
  if (root instanceof types.WrappedUnionType) return uniteFields(root.types.map(avroFields));
  const fields = root instanceof types.RecordType ? root.fields : [];
  return new Map(fields.map(({ name, type }) => [name, saidOf(type)]));
}

const PRIMITIVES: Readonly<Record<string, SchemaSays>> = {
  null: 'null',
  boolean: certain('BOOLEAN'),
  int: certain('INTEGER'),
  long: certain('BIGINT'),
  float: certain('FLOAT'),
  double: certain('DOUBLE'),
  bytes: certain('VARCHAR'),
  string: certain('VARCHAR'),
};

const NESTED = certain('JSON');

function saidOf(type: avro.Type): SchemaSays {
  const { types } = avro;
  if (type instanceof AnnotatedType) return saidOfAnnotated(type);
  if (type instanceof types.WrappedUnionType) {
    return type.types.map(saidOf).reduce(unite, 'null');
  }
  if (type instanceof types.EnumType || type instanceof types.FixedType) return certain('VARCHAR');
  return PRIMITIVES[type.typeName] ?? NESTED;
}

function saidOfAnnotated(type: AnnotatedType): SchemaSays {
  const { annotation, underlyingType } = type;
  // Nobody has checked that a text which is called a UUID is one.
  const isText = underlyingType.typeName === 'string';
  if (annotation.logicalType === 'uuid' && isText) return likely('UUID');
  return logicalValue(type)?.says ?? saidOf(underlyingType);
}

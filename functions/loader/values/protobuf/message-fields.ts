import protobuf from 'protobufjs';
import {
  certain,
  likely,
  NO_FIELDS,
  type SchemaFields,
  type SchemaSays,
} from '../schema-fields.ts';
import { isMapped, isNullValue, wrappedField } from './well-known.ts';

/**
 * The fields of a type's messages, by the names that the .proto file has, with the types of columns that hold what
 * values become, which are JSON: bytes and enums are text then, and messages, lists and maps JSON.
 */
export function messageFields(type: protobuf.Type): SchemaFields {
  // Of these only some become objects, and these have whatever fields they were given.
  if (wrappedField(type) || isMapped(type)) return NO_FIELDS;
  return new Map(
    type.fieldsArray.map((field) => [field.protoName ?? field.name, saidOf(field.resolve())]),
  );
}

const SCALARS: Readonly<Record<string, SchemaSays>> = {
  bool: certain('BOOLEAN'),
  int32: certain('INTEGER'),
  sint32: certain('INTEGER'),
  sfixed32: certain('INTEGER'),
  uint32: certain('UINTEGER'),
  fixed32: certain('UINTEGER'),
  int64: certain('BIGINT'),
  sint64: certain('BIGINT'),
  sfixed64: certain('BIGINT'),
  uint64: certain('UBIGINT'),
  fixed64: certain('UBIGINT'),
  float: certain('FLOAT'),
  double: certain('DOUBLE'),
  string: certain('VARCHAR'),
  bytes: certain('VARCHAR'),
};

const MAPPED: Readonly<Record<string, SchemaSays>> = {
  // It has nanoseconds, where a writer's clock has them.
  Timestamp: likely('TIMESTAMPTZ'),
  Duration: certain('VARCHAR'),
  FieldMask: certain('VARCHAR'),
};

const NESTED = certain('JSON');

function saidOf(field: protobuf.Field): SchemaSays {
  const { resolvedType } = field;
  if (field.repeated || field instanceof protobuf.MapField) return NESTED;
  if (resolvedType instanceof protobuf.Enum) {
    return isNullValue(resolvedType) ? 'null' : certain('VARCHAR');
  }
  if (!(resolvedType instanceof protobuf.Type)) return SCALARS[field.type] ?? 'anything';
  const wrapped = wrappedField(resolvedType);
  if (wrapped) return saidOf(wrapped.resolve());
  return (isMapped(resolvedType) ? MAPPED[resolvedType.name] : undefined) ?? NESTED;
}

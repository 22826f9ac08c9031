import avro from 'avsc';
import type { ReferencedSchema } from '../../registry/schema-registry.ts';
import { UndecodableValue } from '../undecodable.ts';

/** What a schema says of a logical type, e.g. `{logicalType: "decimal", precision: 9, scale: 2}`. */
export interface Annotation {
  readonly logicalType: string;
  readonly precision?: unknown;
  readonly scale?: unknown;
}

/** Logical types that are written otherwise than the types underneath. All others are those. */
const LOGICAL_TYPES = [
  'decimal',
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'local-timestamp-nanos',
  'duration',
] as const;

/** A type with its annotation; the library itself forgets it. */
export class AnnotatedType extends avro.types.LogicalType {
  readonly annotation: Annotation;

  constructor(schema: avro.Schema, options?: unknown) {
    super(schema as never, options as never);
    this.annotation = schema as unknown as Annotation;
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

/**
 * Parses a schema and those that it refers to by the names of their types.
 *
 * @throws {UndecodableValue} for what is no schema
 */
export function parseAvroSchema(
  text: string,
  references: readonly ReferencedSchema[] = [],
): avro.Type {
  const registry: Record<string, avro.Type> = {};
  const parse = (schema: string) =>
    avro.Type.forSchema(parsedJson(schema), {
      registry,
      // Also those without a name in common: we write values without the names of their branches.
      wrapUnions: 'always',
      omitRecordMethods: true,
      logicalTypes: Object.fromEntries(LOGICAL_TYPES.map((name) => [name, AnnotatedType])),
    });
  try {
    for (const reference of references) parse(reference.text);
    return parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecodableValue(`no Avro schema: ${why}`, { cause });
  }
}

/** Registries give a schema of one word bare or as JSON: both are known. */
function parsedJson(text: string): avro.Schema {
  return /^[a-z]+$/.test(text) ? text : JSON.parse(text);
}

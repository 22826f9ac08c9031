import type { SchemaRegistrySpec } from '#shared/domain/spec/schema-registry.ts';
import type { SchemaFormat } from '#shared/domain/spec/value-format.ts';
import { confluentRegistry } from '../registry/confluent-registry.ts';
import type { RegisteredSchema, SchemaRegistry } from '../registry/schema-registry.ts';
import { confluentFraming } from './confluent-framing.ts';
import { glueFraming } from './glue-framing.ts';
import { knownSchemas } from './known-schemas.ts';
import { UndecodableValue } from './undecodable.ts';
import type { ReadingDeps, ValueReading } from './value-reading.ts';
import type { ValueSchema } from './value-schema.ts';

/**
 * How the values of a format are read.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH for a schema of the specification that is none
 */
export async function openReading(format: SchemaFormat, deps: ReadingDeps): Promise<ValueReading> {
  if (format.type === 'avro' && format.schema !== undefined) {
    const { inlineAvro } = await import('./avro/avro-schema.ts');
    return inlineAvro(format.schema, format.encoding ?? 'binary');
  }
  const { type, registry = {} } = format;
  const hasMessage = type === 'protobuf';
  return {
    framing: registry.glue ? glueFraming({ hasMessage }) : confluentFraming({ hasMessage }),
    schemas: knownSchemas(await registryOf(registry, deps), await compilerOf(type)),
  };
}

async function registryOf(
  { confluent, glue }: SchemaRegistrySpec,
  { access, logins }: ReadingDeps,
): Promise<SchemaRegistry> {
  if (confluent) return confluentRegistry({ spec: confluent, access, logins });
  const { openGlueRegistry } = await import('../registry/glue-registry.ts');
  return openGlueRegistry(glue ?? {}, access.timeoutMs);
}

type Compile = (schema: RegisteredSchema) => ValueSchema;

async function compilerOf(type: SchemaFormat['type']): Promise<Compile> {
  const compile = await importCompiler(type);
  return (schema) => {
    if (schema.type === type) return compile(schema);
    throw new UndecodableValue(`it is ${schema.type}, and the format of the job ${type}`);
  };
}

async function importCompiler(type: SchemaFormat['type']): Promise<Compile> {
  switch (type) {
    case 'avro':
      return (await import('./avro/avro-schema.ts')).avroSchema;
    case 'protobuf':
      return (await import('./protobuf/protobuf-schema.ts')).protobufSchema;
    case 'json-schema':
      return (await import('./json-schema/json-schema.ts')).jsonSchema;
  }
}

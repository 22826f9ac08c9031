import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv';
import type { ReferencedSchema, RegisteredSchema } from '../../registry/schema-registry.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { ValueSchema } from '../value-schema.ts';
import { engineFor } from './engine-for.ts';
import { jsonSchemaFields } from './json-schema-fields.ts';
import { namesOf } from './schema-documents.ts';

/**
 * A JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12. Values that it admits pass on byte by byte; numbers beyond 2^53
 * are judged by their nearest double, which changes nothing in what is passed on.
 *
 * @throws {UndecodableValue} for what is no schema, or of another draft
 */
export function jsonSchema({
  text,
  references,
}: Pick<RegisteredSchema, 'text' | 'references'>): ValueSchema {
  const validate = compile(text, references);
  const fields = jsonSchemaFields(text, references);
  return {
    decode({ bytes, start, end }, out) {
      if (!isAdmitted(validate, jsonOf(bytes.toString('utf8', start, end)))) {
        throw new UndecodableValue(faultOf(validate.errors));
      }
      out.copy(bytes, start, end);
    },
    fields: () => fields,
  };
}

function compile(text: string, references: readonly ReferencedSchema[]) {
  try {
    const schema: AnySchemaObject | boolean = JSON.parse(text);
    const { ajv, address } = engineFor(schema);
    const base = typeof schema === 'object' ? schema[address] : undefined;
    for (const reference of references) {
      const referred: AnySchemaObject = JSON.parse(reference.text);
      for (const name of namesOf(reference.name, base)) ajv.addSchema(referred, name);
    }
    return ajv.compile(schema);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecodableValue(`no JSON Schema: ${why}`, { cause });
  }
}

/** A schema that refers to itself goes down with the value, as deep as that is. */
function isAdmitted(validate: ValidateFunction, value: unknown): boolean {
  try {
    return validate(value);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UndecodableValue('is nested too deep to be held against its schema', { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UndecodableValue('not valid JSON behind its frame');
  }
}

function faultOf(errors: readonly ErrorObject[] | null | undefined): string {
  const [first] = errors ?? [];
  const place = first?.instancePath ? `at ${first.instancePath}` : 'as a whole';
  return `does not fit its schema ${place}: ${first?.message ?? 'refused'}`;
}

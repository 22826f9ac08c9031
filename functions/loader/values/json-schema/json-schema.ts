import { Ajv, type AnySchemaObject, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ReferencedSchema, RegisteredSchema } from '../../registry/schema-registry.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { ValueSchema } from '../value-schema.ts';

const OPTIONS: Options = { strict: false, logger: false, validateFormats: true };

/**
 * A JSON Schema of draft 7, 2019-09 or 2020-12. Values that it admits pass on byte by byte; numbers beyond 2^53
 * are judged by their nearest double, which changes nothing in what is passed on.
 *
 * @throws {UndecodableValue} for what is no schema, or of another draft
 */
export function jsonSchema({
  text,
  references,
}: Pick<RegisteredSchema, 'text' | 'references'>): ValueSchema {
  const validate = compile(text, references);
  return {
    decode({ bytes, start, end }, out) {
      if (!validate(jsonOf(bytes.toString('utf8', start, end)))) {
        throw new UndecodableValue(faultOf(validate.errors));
      }
      out.copy(bytes, start, end);
    },
  };
}

function compile(text: string, references: readonly ReferencedSchema[]) {
  try {
    const schema: AnySchemaObject | boolean = JSON.parse(text);
    const ajv = engineFor(schema);
    // The packages' types are of two module systems, and do not meet.
    (addFormats as unknown as (engine: Ajv) => void)(ajv);
    for (const reference of references) {
      const referred: AnySchemaObject = JSON.parse(reference.text);
      for (const name of namesOf(reference.name, schema)) ajv.addSchema(referred, name);
    }
    return ajv.compile(schema);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecodableValue(`no JSON Schema: ${why}`, { cause });
  }
}

function engineFor(schema: AnySchemaObject | boolean): Ajv {
  const draft = typeof schema === 'object' ? String(schema.$schema ?? '') : '';
  if (draft.includes('2020-12')) return new Ajv2020(OPTIONS);
  if (draft.includes('2019-09')) return new Ajv2019(OPTIONS);
  if (draft === '' || draft.includes('draft-07')) return new Ajv(OPTIONS);
  throw new Error(`its draft must be 7, 2019-09 or 2020-12, got ${draft}`);
}

/** A reference is written as the registry names it, or relative to the schema's own address. */
function namesOf(name: string, schema: AnySchemaObject | boolean): Set<string> {
  const base = typeof schema === 'object' ? schema.$id : undefined;
  const resolved =
    typeof base === 'string' && URL.canParse(name, base) ? [new URL(name, base)] : [];
  return new Set([name, ...resolved.map(String)]);
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

import * as z from 'zod';
import { destination } from '#shared/domain/spec/destination.ts';
import { fieldTypes, INFER } from '#shared/domain/spec/field-types.ts';

/** A schema as JSON Schema 2020-12 writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What a schema takes, as JSON Schema. Rules between fields are not in it: what fits is not refused for its shape, but
 * may be refused for what it says.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    // What JSON Schema has no word for is judged by code alone.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const own: z.core.$ZodType = zodSchema;
      const behind = behindCode(own);
      if (behind !== undefined) Object.assign(jsonSchema, jsonSchemaOf(behind));
      if (own === destination) Object.assign(jsonSchema, { minProperties: 1, maxProperties: 1 });
      if (own !== fieldTypes) return;
      const byName = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { anyOf: [{ const: INFER }, byName] });
    },
  });
  return json;
}

/** Code that looks at the input first says nothing of its shape; what comes behind it does. */
function behindCode(schema: z.core.$ZodType): z.ZodType | undefined {
  const { def } = schema._zod as z.core.$ZodPipeInternals;
  if (def.type !== 'pipe') return undefined;
  const before = def.in._zod.def.type;
  return before === 'custom' || before === 'transform' ? (def.out as z.ZodType) : undefined;
}

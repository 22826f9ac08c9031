import * as z from 'zod';
import { jsonFormat } from './json-format.ts';
import { schemaRegistry } from './schema-registry.ts';

const oneCharacter = z
  .string()
  .regex(/^[\x20-\x7e\t]$/, 'must be one printable ASCII character or a tab');

/** The name of a field or a column. */
export const columnName = z.string().regex(/^[^\s,=()"'`]{1,128}$/, 'must be a column name');

const raw = z.strictObject({ type: z.literal('raw') });
const csv = z.strictObject({
  type: z.literal('csv'),
  columnSeparator: oneCharacter.default(','),
  enclose: oneCharacter.default('"'),
  escape: oneCharacter.optional(),
  /** The names of the values' fields, in order. */
  columns: z.array(columnName).min(1).max(2_000).optional(),
});

/** Formats whose values cannot be read without a schema. They are decoded to JSON objects. */
const avro = z
  .strictObject({
    type: z.literal('avro'),
    registry: schemaRegistry.optional(),
    /** The schema of all values, as JSON text, where there is no registry. */
    schema: z.string().min(1).max(65_536).optional(),
    /** How values go with `schema`: bare, or behind Avro's marker and fingerprint. */
    encoding: z.enum(['binary', 'single-object']).optional(),
  })
  .refine(
    ({ registry, schema }) => (registry === undefined) !== (schema === undefined),
    'must have exactly one of registry and schema',
  )
  .refine(
    ({ schema, encoding }) => encoding === undefined || schema !== undefined,
    'must have an encoding beside a schema only',
  );
const protobuf = z.strictObject({ type: z.literal('protobuf'), registry: schemaRegistry });
const jsonSchema = z.strictObject({ type: z.literal('json-schema'), registry: schemaRegistry });

/** What the values of the topic's records are. */
export const format = z.discriminatedUnion('type', [
  jsonFormat,
  raw,
  csv,
  avro,
  protobuf,
  jsonSchema,
]);
export type FormatSpec = z.infer<typeof format>;

/** Formats with a schema. */
export type SchemaFormat = Extract<FormatSpec, { type: 'avro' | 'protobuf' | 'json-schema' }>;
/** Formats that are read as they are. */
export type PlainFormat = Exclude<FormatSpec, SchemaFormat>;

/** Whether values of the format are decoded by a schema before they are rows. */
export function hasSchema(format: FormatSpec): format is SchemaFormat {
  return format.type === 'avro' || format.type === 'protobuf' || format.type === 'json-schema';
}

/** What values are once they are decoded. */
export function decodedFormat(format: FormatSpec): PlainFormat {
  return hasSchema(format) ? { type: 'json' } : format;
}

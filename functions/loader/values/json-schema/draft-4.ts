import { _, Ajv, type CodeKeywordDefinition, type Options, str } from 'ajv';

/** Keywords of later drafts: draft 4 ignores them, as it does every word that it does not know. */
const LATER = ['const', 'contains', 'propertyNames', 'if', 'then', 'else'];

/** Words to which draft 4 gives another meaning, or none. */
const CHANGED = ['id', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];

/** A limit, and the boolean beside it that forbids the limit itself. */
function limit(keyword: 'minimum' | 'maximum', sharpener: string): CodeKeywordDefinition {
  const isSharp = (schema: Record<string, unknown>) => schema[sharpener] === true;
  const least = keyword === 'minimum';
  return {
    keyword,
    type: 'number',
    schemaType: 'number',
    code(cxt) {
      const { data, schema, parentSchema } = cxt;
      const above = isSharp(parentSchema) ? _`${data} >= ${schema}` : _`${data} > ${schema}`;
      const below = isSharp(parentSchema) ? _`${data} <= ${schema}` : _`${data} < ${schema}`;
      cxt.fail(least ? below : above);
    },
    error: {
      message({ schema, parentSchema }) {
        const sign = least ? '>' : '<';
        return str`must be ${isSharp(parentSchema ?? {}) ? sign : `${sign}=`} ${schema}`;
      },
    },
  };
}

/**
 * An engine for draft 4: `id` is the schema's address, and `exclusiveMinimum` and `exclusiveMaximum` are booleans
 * that sharpen the limit beside them (draft-fge-json-schema-validation-00, 5.1.2 and 5.1.3). It has no meta-schema
 * of this draft, so it judges each keyword when it compiles it, and a `$ref` to the meta-schema leads nowhere.
 */
export function draft4Engine(options: Options): Ajv {
  const ajv = new Ajv({ ...options, schemaId: 'id', meta: false, validateSchema: false });
  for (const keyword of [...LATER, ...CHANGED]) ajv.removeKeyword(keyword);
  for (const [keyword, sharpener] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    ajv.addKeyword({ keyword: sharpener, schemaType: 'boolean' });
    ajv.addKeyword(limit(keyword, sharpener));
  }
  return ajv;
}

import type { SchemaFields } from '../../../../functions/loader/values/schema-fields.ts';

/** What a schema says of its fields, in few words: a type, with `?` behind it where values may speak against it. */
export function saidOf(fields: SchemaFields): Record<string, string> {
  return Object.fromEntries(
    [...fields].map(([name, says]) => [
      name,
      typeof says === 'string' ? says : `${says.type}${says.isCertain ? '' : '?'}`,
    ]),
  );
}

import * as z from 'zod';

const oneCharacter = z
  .string()
  .regex(/^[\x20-\x7e\t]$/, 'must be one printable ASCII character or a tab');

/** The name of a field or a column. */
export const columnName = z.string().regex(/^[^\s,=()"'`]{1,128}$/, 'must be a column name');

/** What the values of the topic's records are. */
export const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('json') }),
  z.strictObject({ type: z.literal('raw') }),
  z.strictObject({
    type: z.literal('csv'),
    columnSeparator: oneCharacter.default(','),
    enclose: oneCharacter.default('"'),
    escape: oneCharacter.optional(),
    /** The names of the values' fields, in order. */
    columns: z.array(columnName).min(1).max(2_000).optional(),
  }),
]);
export type FormatSpec = z.infer<typeof format>;

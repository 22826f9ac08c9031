import * as z from 'zod';
import type { Destination } from './destination.ts';
import { fieldType } from './field-type.ts';
import type { FormatSpec } from './value-format.ts';

/** In `types`: the key that stands for all fields that it does not name, and the one word that it takes. */
export const ALL_OTHERS = '*';
export const INFER = 'infer';

/** The types of a value's fields, by their names; as {@link ALL_OTHERS} also {@link INFER}. */
export type FieldTypes = Readonly<Record<string, string>>;

/** The name of a field that can have a type: no blank at its ends, no control character. */
export const fieldName = z
  .string()
  .regex(/^\S(?:[^\p{Cc}]{0,126}\S)?$/u, 'must be the name of a field');

/** How many fields can have types. */
export const MOST_FIELDS = 2_000;

const inferred = z.literal(INFER, { error: `must be "${INFER}"` });

const byName = z
  .record(fieldName, z.string().max(64))
  .refine((types) => Object.keys(types).length <= MOST_FIELDS, {
    error: `must not have more than ${MOST_FIELDS} fields`,
  })
  .transform((types, context) => {
    const entries = Object.entries(types).map(([name, given]) => {
      const parsed = (name === ALL_OTHERS ? inferred : fieldType).safeParse(given);
      for (const { message } of parsed.error?.issues ?? []) {
        context.addIssue({ code: 'custom', message, path: [name], input: given });
      }
      return [name, parsed.data ?? given] as const;
    });
    return Object.fromEntries(entries) as FieldTypes;
  });

/** `types` of a specification. The word `"infer"` alone is `{"*": "infer"}`, to which a merge patch can add. */
export const fieldTypes: z.ZodType<FieldTypes, FieldTypes | typeof INFER> = z.preprocess(
  (given: FieldTypes | typeof INFER) => (given === INFER ? { [ALL_OTHERS]: INFER } : given),
  byName,
);

/** The types that a person declared. */
export function declaredTypes(types: FieldTypes = {}): FieldTypes {
  return Object.fromEntries(Object.entries(types).filter(([name]) => name !== ALL_OTHERS));
}

/**
 * `types` with its default: Parquet has types, so those that nobody declares are inferred. Raw values have no
 * fields, and what they look like says nothing of what they are.
 */
export function withDefaultTypes<
  S extends { types?: FieldTypes | undefined; format: FormatSpec; destination: Destination },
>(spec: S): S {
  const { file, s3 } = spec.destination;
  const isParquet = (file ?? s3)?.format === 'parquet' && spec.format.type !== 'raw';
  return isParquet && spec.types === undefined ? { ...spec, types: { [ALL_OTHERS]: INFER } } : spec;
}

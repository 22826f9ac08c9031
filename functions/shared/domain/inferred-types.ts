import { declaredTypes, type FieldTypes } from './spec/field-types.ts';
import type { MappingSpec } from './spec/mapping.ts';

/** What a sample of a slice, and the schemas of its values, say of the fields of a topic's values. */
export interface TypeSample {
  /** By field, in the order in which the sample shows them. */
  readonly types: ReadonlyMap<string, string>;
  /** Fields whose types follow from the schemas; those of others are what the values look like. */
  readonly fromSchema: ReadonlySet<string>;
  /** How many rows it had; at least one. */
  readonly rows: number;
  /** Names of fields that cannot be columns; some of them, where there are many. */
  readonly leftOut: readonly string[];
}

/** Types that were inferred for a job, once for all of its files. */
export interface InferredTypes extends TypeSample {
  /** A ULID, also of the entry in the job's history. */
  readonly id: string;
  /** What they hold for: {@link basisOf} of the specification. */
  readonly basis: string;
  /** The task whose slice was sampled. */
  readonly taskId: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A sample's types as a list, since maps have no order where it is kept and shown, and columns have. */
export function listedTypes({ types, fromSchema }: Pick<TypeSample, 'types' | 'fromSchema'>) {
  return [...types].map(([field, type]) => ({
    field,
    type,
    ...(fromSchema.has(field) && { from: 'schema' }),
  }));
}

/**
 * What of a specification decides which fields values have. When a user alters it, what was inferred is of
 * other fields, and is inferred anew.
 */
export function basisOf({ format, columns }: MappingSpec): string {
  const hasPaths = format.type === 'json' && format.jsonPaths !== undefined;
  return JSON.stringify(hasPaths ? { format, columns } : { format });
}

/** Whether types were inferred from values as the specification reads them. */
export function holdsFor({ basis }: InferredTypes, spec: MappingSpec): boolean {
  return basis === basisOf(spec);
}

/**
 * A specification with types for all fields: the declared ones, and for others the inferred ones. Fields are in
 * the order of the sample, so that declaring one moves no column; those that it does not have come last.
 */
export function withInferredTypes<S extends MappingSpec>(
  spec: S,
  { types }: Pick<InferredTypes, 'types'>,
): S & { readonly types: FieldTypes; readonly inferred: ReadonlySet<string> } {
  const declared = new Map(Object.entries(declaredTypes(spec.types)));
  const all = [...new Set([...types.keys(), ...declared.keys()])];
  const typeOf = (name: string) => declared.get(name) ?? types.get(name) ?? 'VARCHAR';
  return {
    ...spec,
    types: Object.fromEntries(all.map((name) => [name, typeOf(name)])),
    inferred: new Set(all.filter((name) => !declared.has(name))),
  };
}

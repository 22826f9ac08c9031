import { widestType } from './widest-type.ts';

/** A type that follows from a schema. */
export interface SchemaType {
  /** Canonical SQL. */
  readonly type: string;
  /** Whether it holds every value that the schema admits; else a value that is seen may speak against it. */
  readonly isCertain: boolean;
}

/**
 * What a schema says of one field. `null`: that it has no value. `anything`: nothing, or what no one type holds as
 * the numbers that they are.
 */
export type SchemaSays = SchemaType | 'null' | 'anything';

/** The fields of a schema's values, in its order. Values may have more of them. */
export type SchemaFields = ReadonlyMap<string, SchemaSays>;

/** The fields of values that are no records. */
export const NO_FIELDS: SchemaFields = new Map();

/** A type that holds every value of its schema. */
export function certain(type: string): SchemaType {
  return { type, isCertain: true };
}

/** A type that most values of its schema have. */
export function likely(type: string): SchemaType {
  return { type, isCertain: false };
}

/** What is true of a field of which each is said somewhere: of a union's branches, or of versions of a schema. */
export function unite(one: SchemaSays, other: SchemaSays): SchemaSays {
  if (one === 'null') return other;
  if (other === 'null') return one;
  const type = widestType(typeOf(one), typeOf(other));
  if (type === undefined) return 'anything';
  if (type === 'VARCHAR') return certain(type);
  return { type, isCertain: isCertain(one) && isCertain(other) };
}

/** The fields of values each of which has one of some schemas: in the order in which they first appear. */
export function uniteFields(schemas: Iterable<SchemaFields>): SchemaFields {
  const united = new Map<string, SchemaSays>();
  for (const fields of schemas) {
    for (const [name, says] of fields) united.set(name, unite(united.get(name) ?? 'null', says));
  }
  return united;
}

function typeOf(says: SchemaType | 'anything'): string | undefined {
  return says === 'anything' ? undefined : says.type;
}

function isCertain(says: SchemaType | 'anything'): boolean {
  return says !== 'anything' && says.isCertain;
}

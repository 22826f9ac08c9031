import * as z from 'zod';

/** How a type's values are checked when they are read from text. */
export type FieldKind =
  | 'boolean'
  | 'integer'
  | 'float'
  | 'decimal'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'other'
  | 'json'
  | 'text';

const KINDS: Readonly<Record<string, FieldKind>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  HUGEINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  UBIGINT: 'integer',
  UHUGEINT: 'integer',
  FLOAT: 'float',
  DOUBLE: 'float',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMPTZ: 'other',
  UUID: 'other',
  JSON: 'json',
  VARCHAR: 'text',
};

/** Names that others have for them. */
const ALIASES: Readonly<Record<string, string>> = {
  BOOL: 'BOOLEAN',
  INT: 'INTEGER',
  LONG: 'BIGINT',
  LARGEINT: 'HUGEINT',
  REAL: 'FLOAT',
  NUMERIC: 'DECIMAL',
  DATETIME: 'TIMESTAMP',
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
  TIMESTAMPWITHTIMEZONE: 'TIMESTAMPTZ',
};

const DECIMAL = /^DECIMAL\(([1-9]|[12]\d|3[0-8]),(\d|[12]\d|3[0-8])\)$/;

/**
 * The type of a field of the value, in SQL. Aliases and small letters are accepted; what comes out is the one
 * name that the engine and everybody who reads the specification gets to see.
 */
export const fieldType = z
  .string()
  .max(64)
  .transform((given) => canonical(given))
  .refine((type) => kindOfType(type) !== undefined, {
    error: `must be ${Object.keys(KINDS).join(', ')} or DECIMAL(precision,scale) with a precision up to 38`,
  });

/** How values of a canonical type are checked; undefined for what is no type. */
export function kindOfType(type: string): FieldKind | undefined {
  const decimal = DECIMAL.exec(type);
  if (decimal) return Number(decimal[2]) <= Number(decimal[1]) ? 'decimal' : undefined;
  return Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
}

/** Digits before and behind the point of a DECIMAL; undefined for other types. */
export function decimalShape(type: string): { precision: number; scale: number } | undefined {
  const decimal = DECIMAL.exec(type);
  return decimal ? { precision: Number(decimal[1]), scale: Number(decimal[2]) } : undefined;
}

function canonical(given: string): string {
  const type = given.toUpperCase().replaceAll(/\s+/g, '');
  const name = type.replace(/\(.*$/, '');
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return `${known}${type.slice(name.length)}`;
}

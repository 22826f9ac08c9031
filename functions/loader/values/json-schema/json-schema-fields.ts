import type { ReferencedSchema } from '../../registry/schema-registry.ts';
import {
  certain,
  likely,
  NO_FIELDS,
  type SchemaFields,
  type SchemaSays,
  unite,
  uniteFields,
} from '../schema-fields.ts';
import {
  documentOf,
  type Follow,
  followAmong,
  keywordsOf,
  type PlacedSchema,
} from './schema-documents.ts';

/** Schemas that are looked at for one: parts may refer to each other in more ways than anyone has time for. */
const MOST_LOOKS = 20_000;

/**
 * The fields that a schema names for its values, with the types that most values of them have: JSON's numbers have
 * neither bounds nor a number of digits, and a time of day may be finer than microseconds.
 *
 * Keywords that only restrict what others admit say nothing of types, nor do conditions.
 *
 * @param text a JSON Schema that could be compiled, with its references
 */
export function jsonSchemaFields(
  text: string,
  references: readonly ReferencedSchema[],
): SchemaFields {
  const document = documentOf(text);
  const placed = { schema: document.root, document };
  return fieldsOf(placed, {
    follow: followAmong(document, references),
    isOneOfMany: LATER_DRAFTS.test(String(keywordsOf(document.root)?.$schema)),
    looks: { left: MOST_LOOKS },
    path: new Set(),
  });
}

/** Those by which a reference is one keyword of many: before, what stood beside it was ignored. */
const LATER_DRAFTS = /2019-09|2020-12/;

interface Reading {
  readonly follow: Follow;
  /** Whether what stands beside a reference counts, too. */
  readonly isOneOfMany: boolean;
  readonly looks: { left: number };
  /** What is being looked at already for the same value: a reference may lead back to it. */
  readonly path: ReadonlySet<unknown>;
}

function fieldsOf(placed: PlacedSchema, reading: Reading): SchemaFields {
  const within = entered(placed, reading);
  if (within === undefined) return NO_FIELDS;
  const { keywords, deeper, part, follow } = within;
  const target = typeof keywords.$ref === 'string' ? follow(keywords.$ref) : undefined;
  const referred = target ? fieldsOf(target, deeper) : NO_FIELDS;
  if (keywords.$ref !== undefined && !reading.isOneOfMany) return referred;
  const named = Object.entries(keywordsOf(keywords.properties) ?? {});
  const inside = { ...reading, path: new Set() };
  const own = new Map(named.map(([name, schema]) => [name, saidOf(part(schema), inside)]));
  const parts = (key: string) =>
    listOf(keywords[key]).map((schema) => fieldsOf(part(schema), deeper));
  const choices = [parts('anyOf'), parts('oneOf')].map(chosenFrom);
  return allOf([own, referred, ...parts('allOf'), ...choices]);
}

/** A value of one of them may have the others' fields, too, and whatever in them. */
function chosenFrom(choices: readonly SchemaFields[]): SchemaFields {
  const isShared = (name: string) => choices.every((fields) => fields.has(name));
  const united = [...uniteFields(choices)];
  return new Map(united.map(([name, says]) => [name, isShared(name) ? says : doubted(says)]));
}

function doubted(says: SchemaSays): SchemaSays {
  return typeof says === 'string' ? says : likely(says.type);
}

/** A value has the fields of all of them: what one of them says of a field holds. */
function allOf(all: readonly SchemaFields[]): SchemaFields {
  const merged = new Map<string, SchemaSays>();
  for (const fields of all) {
    for (const [name, says] of fields) {
      if ((merged.get(name) ?? 'anything') === 'anything') merged.set(name, says);
    }
  }
  return merged;
}

function saidOf(placed: PlacedSchema, reading: Reading): SchemaSays {
  // What leads back to itself admits no more by that.
  if (reading.path.has(placed.schema)) return 'null';
  const within = entered(placed, reading);
  if (within === undefined) return 'anything';
  const { keywords, deeper, part, follow } = within;
  const target = typeof keywords.$ref === 'string' ? follow(keywords.$ref) : undefined;
  const referred = target ? saidOf(target, deeper) : 'anything';
  if (referred !== 'anything' || (keywords.$ref !== undefined && !reading.isOneOfMany)) {
    return referred;
  }
  const types = [keywords.type].flat().filter((type) => typeof type === 'string');
  if (types.length > 0) return unitedOf(types.map((type) => saidOfType(type, keywords.format)));
  if (Object.hasOwn(keywords, 'const')) return saidOfValue(keywords.const);
  if (Array.isArray(keywords.enum)) return unitedOf(keywords.enum.map(saidOfValue));
  const said = (key: string) => listOf(keywords[key]).map((schema) => saidOf(part(schema), deeper));
  const choices = [said('anyOf'), said('oneOf')].filter(({ length }) => length > 0).map(unitedOf);
  return [...choices, ...said('allOf')].find((says) => typeof says !== 'string') ?? 'anything';
}

/** What stands at a place; undefined where that says nothing, and where other rules of reference begin. */
function entered({ schema, document }: PlacedSchema, reading: Reading) {
  const { follow, looks, path } = reading;
  const keywords = keywordsOf(schema);
  looks.left -= 1;
  if (keywords === undefined || path.has(schema) || looks.left < 0) return undefined;
  const { $id = keywords.id } = keywords;
  const isNamed = typeof $id === 'string' && !$id.startsWith('#');
  if (isNamed && schema !== document.root) return undefined;
  return {
    keywords,
    deeper: { ...reading, path: new Set([...path, schema]) },
    part: (inner: unknown): PlacedSchema => ({ schema: inner, document }),
    follow: (reference: string) => follow(reference, document),
  };
}

function listOf(schemas: unknown): readonly unknown[] {
  return Array.isArray(schemas) ? schemas : [];
}

function unitedOf(all: readonly SchemaSays[]): SchemaSays {
  return all.reduce(unite, 'null');
}

/** Texts of other formats are text: `time` has a zone, which TIME has not. */
const FORMATS: Readonly<Record<string, SchemaSays>> = {
  date: likely('DATE'),
  'date-time': likely('TIMESTAMPTZ'),
  uuid: likely('UUID'),
};

const TEXT = certain('VARCHAR');

const TYPES: Readonly<Record<string, SchemaSays>> = {
  null: 'null',
  boolean: certain('BOOLEAN'),
  integer: likely('BIGINT'),
  number: likely('DOUBLE'),
  string: TEXT,
  object: certain('JSON'),
  array: certain('JSON'),
};

function saidOfType(type: string, format: unknown): SchemaSays {
  if (type !== 'string') return TYPES[type] ?? 'anything';
  return (typeof format === 'string' ? FORMATS[format] : undefined) ?? TEXT;
}

function saidOfValue(value: unknown): SchemaSays {
  if (value === null) return 'null';
  if (typeof value === 'number') return likely(Number.isInteger(value) ? 'BIGINT' : 'DOUBLE');
  if (typeof value === 'object') return certain('JSON');
  return certain(typeof value === 'string' ? 'VARCHAR' : 'BOOLEAN');
}

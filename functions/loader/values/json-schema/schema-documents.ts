import type { ReferencedSchema } from '../../registry/schema-registry.ts';

/** A schema as JSON has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema, and the document that its references begin from. */
export interface PlacedSchema {
  readonly schema: unknown;
  readonly document: SchemaDocument;
}

/** A document, and its own address. */
export interface SchemaDocument {
  readonly root: unknown;
  readonly address: string | undefined;
}

/** Follows references. @returns undefined for those that lead nowhere, or are written in a way that is not followed */
export type Follow = (reference: string, from: SchemaDocument) => PlacedSchema | undefined;

/** How a schema is an object with keywords; undefined for `true`, `false` and what is no schema. */
export function keywordsOf(schema: unknown): JsonSchema | undefined {
  const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
  return isObject ? (schema as JsonSchema) : undefined;
}

/** The document of a schema's text. @throws {SyntaxError} for what is no JSON */
export function documentOf(text: string): SchemaDocument {
  const root: unknown = JSON.parse(text);
  const { $id, id } = keywordsOf(root) ?? {};
  const address = [$id, id].find((named) => typeof named === 'string');
  return { root, address };
}

/** A reference's names: as the registry has it, and relative to the address of what refers to it. */
export function namesOf(name: string, base: unknown): Set<string> {
  const resolved =
    typeof base === 'string' && URL.canParse(name, base) ? [new URL(name, base)] : [];
  return new Set([name, ...resolved.map(String)]);
}

/** Follows references within a document, by JSON pointers, and from one to another, by their names. */
export function followAmong(main: SchemaDocument, references: readonly ReferencedSchema[]): Follow {
  const documents = new Map<string, SchemaDocument>();
  for (const { name, text } of references) {
    const document = documentOf(text);
    for (const known of namesOf(name, main.address)) documents.set(known, document);
    if (document.address !== undefined) documents.set(document.address, document);
  }
  return (reference, from) => {
    const [path = '', fragment = ''] = reference.split('#');
    const document = path === '' ? from : find(documents, path, from);
    return document && pointed(document, fragment);
  };
}

function find(
  documents: ReadonlyMap<string, SchemaDocument>,
  path: string,
  { address }: SchemaDocument,
): SchemaDocument | undefined {
  const [name] = [...namesOf(path, address)].filter((known) => documents.has(known));
  return name === undefined ? undefined : documents.get(name);
}

/** RFC 6901, in the fragment of a URI. A name of a part, as `$anchor` gives one, is not followed. */
function pointed(document: SchemaDocument, fragment: string): PlacedSchema | undefined {
  const [first, ...steps] = fragment.split('/');
  if (first !== '') return undefined;
  let schema = document.root;
  for (const step of steps) {
    const key = unescaped(step);
    const parent = keywordsOf(schema) ?? {};
    if (key === undefined || !Object.hasOwn(parent, key)) return undefined;
    schema = parent[key];
  }
  return { schema, document };
}

function unescaped(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}

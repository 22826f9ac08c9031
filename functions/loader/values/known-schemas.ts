import type { RegisteredSchema, SchemaId, SchemaRegistry } from '../registry/schema-registry.ts';
import { UndecodableValue } from './undecodable.ts';
import type { ValueSchema } from './value-schema.ts';

/** A schema, or why there is none for values that name it. */
export type KnownSchema = ValueSchema | { readonly missing: string };

/** The schemas of one registry that were asked for. */
export interface KnownSchemas {
  get(id: SchemaId): KnownSchema | undefined;
  /**
   * Asks the registry, unless the schema is known or being asked for.
   *
   * @throws {LoadFailure} what the registry's `find` throws
   */
  load(id: SchemaId): Promise<void>;
  /** What the registry did not have is asked for again: it may have been behind its producers. */
  forgetMissing(): void;
}

/** Compiled schemas have some ten kilobytes; a topic rarely has ten of them. */
const MOST_KNOWN = 500;

/** Knows what was asked for, as long as it is in use: what an id stands for never changes. */
export function knownSchemas(
  registry: SchemaRegistry,
  compile: (schema: RegisteredSchema) => ValueSchema,
): KnownSchemas {
  const known = new Map<SchemaId, KnownSchema>();
  const asked = new Map<SchemaId, Promise<void>>();

  async function ask(id: SchemaId): Promise<void> {
    const found = await registry.find(id);
    known.set(id, 'missing' in found ? found : compiled(found, compile, id));
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  return {
    get(id) {
      const found = known.get(id);
      if (found === undefined || known.size < MOST_KNOWN) return found;
      // The order of a map is that of its insertions: what is in use goes to the end.
      known.delete(id);
      known.set(id, found);
      return found;
    },
    load(id) {
      const pending = asked.get(id);
      if (pending !== undefined) return pending;
      if (known.has(id)) return Promise.resolve();
      const asking = ask(id).finally(() => asked.delete(id));
      asked.set(id, asking);
      return asking;
    },
    forgetMissing() {
      for (const [id, schema] of known) if ('missing' in schema) known.delete(id);
    },
  };
}

function compiled(
  found: RegisteredSchema,
  compile: (schema: RegisteredSchema) => ValueSchema,
  id: SchemaId,
): KnownSchema {
  try {
    return compile(found);
  } catch (error) {
    if (!(error instanceof UndecodableValue)) throw error;
    return { missing: `schema ${id} cannot be used: ${error.message}` };
  }
}

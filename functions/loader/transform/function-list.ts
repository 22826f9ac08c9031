import type { Engine } from './engine.ts';

/** Functions that tell of the loader rather than of the row, or that do something. */
const PRIVATE =
  /^(pg_|has_|inet_|current_(?!date$)|currval|nextval|get_block_size|getvariable|col_description|obj_description|shobj_description|in_search_path|query|session_user|setseed|sleep|stats|txid|user$|version$|write_log)/;

/** Names that the engine's parser knows by itself, and that its list of functions lacks. */
const OF_THE_PARSER = new Set(['coalesce', 'struct_pack', 'row', 'grouping', 'list_value', 'try']);

/** Which functions an expression over one row may use. */
export class FunctionList {
  readonly #kinds: ReadonlyMap<string, string>;

  private constructor(kinds: ReadonlyMap<string, string>) {
    this.#kinds = kinds;
  }

  static async read(engine: Engine): Promise<FunctionList> {
    const rows = await engine.rows(
      "select function_name, case when stability = 'VOLATILE' then 'volatile' else function_type end from duckdb_functions()",
    );
    // A name may stand for functions of several kinds; the call decides, and then the binder refuses.
    const kinds = new Map<string, string>();
    for (const [name, kind] of rows) {
      const isBetter = kind === 'scalar' || kind === 'macro';
      if (isBetter || !kinds.has(String(name))) kinds.set(String(name), String(kind));
    }
    return new FunctionList(kinds);
  }

  /** Why a function may not be used; undefined when it may. */
  faultOf(name: string): string | undefined {
    const kind = this.#kinds.get(name);
    if (PRIVATE.test(name)) return `must not use ${name}, which does not depend on the row`;
    if (kind === 'volatile') return `must not use ${name}, which gives each attempt another result`;
    if (name === 'unnest' || kind === 'table' || kind === 'table_macro') {
      return `must not use ${name}, which makes other rows of one`;
    }
    if (kind === 'aggregate') return `must not use ${name}, which is made of many rows`;
    if (kind === 'pragma') return `must not use ${name}`;
    if (kind === undefined && !OF_THE_PARSER.has(name)) return `there is no function ${name}`;
    return undefined;
  }
}

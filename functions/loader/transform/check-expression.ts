import { LoadFailure } from '#shared/domain/failure.ts';
import { scanExpression } from '#shared/domain/spec/expression-text.ts';
import type { Engine } from './engine.ts';
import { FunctionList } from './function-list.ts';

/** An expression that may be put into a statement. */
export interface CheckedExpression {
  /** In parentheses. */
  readonly sql: string;
  /** The names that it uses, as they are written in it. */
  readonly names: readonly string[];
}

/** What of a syntax tree is looked at; all else is let be. */
type Node = Readonly<Record<string, unknown>>;

/** What an expression may be made of. Subqueries, windows, parameters and stars are not on the list. */
const CLASSES: ReadonlySet<unknown> = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'OPERATOR',
  'TYPE',
]);

/**
 * Checks expressions by the engine's own parser: each is one expression over names and functions of one row,
 * and nothing that reads anything else.
 */
export class ExpressionCheck {
  readonly #engine: Engine;
  readonly #functions: FunctionList;

  private constructor(engine: Engine, functions: FunctionList) {
    this.#engine = engine;
    this.#functions = functions;
  }

  static async open(engine: Engine): Promise<ExpressionCheck> {
    return new ExpressionCheck(engine, await FunctionList.read(engine));
  }

  /**
   * @param place what the message begins with, e.g. `where`
   * @throws {LoadFailure} SCHEMA_MISMATCH
   */
  async check(text: string, place: string): Promise<CheckedExpression> {
    const { fault } = scanExpression(text);
    if (fault !== undefined) throw mismatch(place, fault);
    const sql = `(${text}\n)`;
    const [row] = await this.#engine.rows('select json_serialize_sql($1::varchar)', [
      `select ${sql}`,
    ]);
    const tree = JSON.parse(String(row?.[0])) as Node;
    if (tree.error === true) throw mismatch(place, String(tree.error_message));
    const expression = onlyExpression(tree);
    if (expression === undefined) throw mismatch(place, 'must be one expression');
    const names = new Set<string>();
    this.#visit(expression, { place, names, bound: new Set() });
    return { sql, names: [...names] };
  }

  #visit(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) {
      for (const part of value) this.#visit(part, scope);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    if (node.class === 'LAMBDA') {
      const bound = new Set(scope.bound);
      for (const name of parametersOf(node.lhs)) bound.add(name);
      this.#visit(node.expr, { ...scope, bound });
      return;
    }
    if (typeof node.class === 'string') this.#admit(node, scope);
    // A constant's value has a shape of its own, with nothing in it that could be an expression.
    if (node.class !== 'CONSTANT') this.#visit(Object.values(node), scope);
  }

  #admit(node: Node, { place, names, bound }: Scope): void {
    if (!CLASSES.has(node.class)) {
      const kind = String(node.class).toLowerCase().replaceAll('_', ' ');
      throw mismatch(place, `must be an expression over one row, it has a ${kind}`);
    }
    if (node.class === 'FUNCTION') {
      const fault = this.#functions.faultOf(String(node.function_name));
      if (fault !== undefined) throw mismatch(place, fault);
    }
    if (node.class !== 'COLUMN_REF') return;
    const parts = node.column_names as readonly string[];
    const [name = ''] = parts;
    if (bound.has(name)) return;
    if (parts.length > 1) {
      const hint = `give ${name} the type JSON and write ${name}->>'$.${parts.slice(1).join('.')}'`;
      throw mismatch(place, `must name fields of the value, got ${parts.join('.')}: ${hint}`);
    }
    names.add(name);
  }
}

interface Scope {
  readonly place: string;
  readonly names: Set<string>;
  /** Parameters of the lambdas around. */
  readonly bound: ReadonlySet<string>;
}

/** The failure of an expression. */
export function mismatch(place: string, fault: string): LoadFailure {
  return new LoadFailure('SCHEMA_MISMATCH', `${place}: ${fault}`, { facts: { place } });
}

/** The tree of a statement `select (expression)` and nothing more. */
function onlyExpression(tree: Node): Node | undefined {
  const [statement, ...others] = (tree.statements ?? []) as readonly Node[];
  const select = statement?.node as Node | undefined;
  const [expression, ...more] = (select?.select_list ?? []) as readonly Node[];
  const from = select?.from_table as Node | undefined;
  const isAlone = others.length === 0 && more.length === 0 && from?.type === 'EMPTY';
  return isAlone && select?.type === 'SELECT_NODE' && select.where_clause === null
    ? expression
    : undefined;
}

/** A lambda's parameters: one name, or several as the children of a row. */
function parametersOf(lhs: unknown): string[] {
  const node = lhs as Node | null;
  if (Array.isArray(node?.column_names)) return node.column_names.map(String);
  return ((node?.children ?? []) as readonly unknown[]).flatMap(parametersOf);
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { MappingSpec } from '#shared/domain/spec/mapping.ts';
import { knownFieldsOnly } from '../rows/known-fields.ts';
import { shapedBy } from '../rows/make-row-encoder.ts';
import type { RowEncoder } from '../rows/row-encoder.ts';
import { ExpressionCheck, mismatch } from './check-expression.ts';
import type { Engine } from './engine.ts';
import { engineMessage, valueFault } from './engine-failure.ts';
import { planRows, type RowPlan } from './row-plan.ts';
import { makeSpoolEncoder } from './spool-encoder.ts';
import { layoutOf } from './spool-layout.ts';
import { quoteName } from './sql-text.ts';
import { emptySource, type Statements, statementsOf } from './statements.ts';

/** A specification's mapping, filter and types, ready to be run. */
export interface Transform {
  readonly plan: RowPlan;
  /** Of its columns, as the engine names them. */
  readonly types: ReadonlyMap<string, string>;
  readonly statements: Statements;
  readonly encoder: RowEncoder;
}

/**
 * Makes a specification ready for an engine, and lets the engine check all of it before anything is read.
 *
 * @param directory one that the engine may read
 * @throws {LoadFailure} SCHEMA_MISMATCH with what the engine says of the columns, the filter or a type
 */
export async function prepareTransform(
  spec: MappingSpec,
  { engine, directory, topic }: { engine: Engine; directory: string; topic: string },
): Promise<Transform> {
  const plan = await planRows(spec, await ExpressionCheck.open(engine));
  const types = await typesOf(plan, engine);
  const statements = statementsOf(plan, types);
  // What is faulty only as a whole, or only when it is made ready to run, shows on no rows, too.
  const nothing = join(directory, 'nothing.csv');
  await writeFile(nothing, '');
  await engine.run(statements.chunk(nothing, 0)).catch(async (error: unknown) => {
    await requireReady(plan, (part) => engine.run(statementsOf(part, types).chunk(nothing, 0)));
    throw error;
  });
  const encoder = makeSpoolEncoder(plan, layoutOf(plan), topic);
  const isStrict = spec.policies?.unknownColumns === 'reject';
  const checked = isStrict ? knownFieldsOnly(encoder, namesIn(spec, plan)) : encoder;
  return { plan, types, statements, encoder: shapedBy(spec, checked) };
}

/** A field that only a sample has shown is known where it is a column. */
function namesIn({ types = {}, inferred }: MappingSpec, plan: RowPlan): ReadonlySet<string> {
  const declared = Object.keys(types).filter((name) => !inferred?.has(name));
  return new Set([...plan.fields.map(({ name }) => name), ...declared]);
}

/** Decimal digits that every double keeps. */
const DOUBLE_DIGITS = 15;

const TEXT_HINT = 'fields without a type are VARCHAR, `types` gives them one';

/**
 * Finds the expression that the engine cannot make ready to run, e.g. for a regular expression that is none: `describe`
 * does not look at all constants, and without a row no value can be at fault.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH
 */
async function requireReady(plan: RowPlan, run: (part: RowPlan) => Promise<void>): Promise<void> {
  const parts = (plan.columns ?? []).flatMap(({ name, source }) =>
    source.kind === 'expression' ? [{ place: `columns, ${name}`, source }] : [],
  );
  if (plan.where !== undefined) {
    parts.unshift({ place: 'where', source: { kind: 'expression', sql: plan.where } });
  }
  for (const { place, source } of parts) {
    const columns = [{ name: 'v', source }];
    const part = {
      ...plan,
      where: undefined,
      rowFormat: 'csv',
      columns,
      period: undefined,
    } as const;
    await run(part).catch((error: unknown) => {
      const said = valueFaultOf(error);
      throw said === undefined ? error : mismatch(place, said);
    });
  }
}

function valueFaultOf(error: unknown): string | undefined {
  return error instanceof LoadFailure ? valueFault(error.cause) : undefined;
}

/** The types of all columns. */
async function typesOf(plan: RowPlan, engine: Engine): Promise<ReadonlyMap<string, string>> {
  const source = emptySource(plan);
  const describe = async (sql: string, place: string) => {
    try {
      // The second column: a function over many rows shows itself beside one of a single row.
      const rows = await engine.rows(`describe select ${sql} as v, " p" from ${source}`);
      return String(rows[0]?.[1]);
    } catch (error) {
      const constant = valueFaultOf(error);
      if (constant !== undefined) throw mismatch(place, constant);
      if (error instanceof LoadFailure && error.code === 'SCHEMA_MISMATCH') {
        const said = engineMessage(error.cause);
        throw mismatch(place, said.includes('VARCHAR') ? `${said} (${TEXT_HINT})` : said);
      }
      throw error;
    }
  };
  if (plan.where !== undefined) {
    const type = await describe(plan.where, 'where');
    if (type !== 'BOOLEAN') throw mismatch('where', `must be a condition, it is ${type}`);
  }
  const types = new Map<string, string>();
  for (const { name, source: from } of plan.columns ?? []) {
    const place = `columns, ${name}`;
    const sql =
      from.kind === 'expression'
        ? from.sql
        : quoteName(from.kind === 'field' ? from.field : from.column);
    const type = await describe(sql, place);
    const fault = unwritable(plan.rowFormat, type);
    if (fault !== undefined) throw mismatch(place, fault);
    types.set(name, type);
  }
  return types;
}

/** Why a format would not hold a type exactly. */
function unwritable(format: RowPlan['rowFormat'], type: string): string | undefined {
  if (format === 'parquet' && type.includes('HUGEINT')) {
    return `parquet does not have ${type}, use DECIMAL(38,0)`;
  }
  const nested = /(?:[([ ])DECIMAL\((\d+),|^DECIMAL\((\d+),\d+\)\[/.exec(type);
  if (format !== 'ndjson' || !nested) return undefined;
  const digits = Number(nested[1] ?? nested[2]);
  if (digits <= DOUBLE_DIGITS) return undefined;
  return `ndjson holds decimals within lists and structs up to ${DOUBLE_DIGITS} digits, got ${type}`;
}

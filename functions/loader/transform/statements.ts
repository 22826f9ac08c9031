import type { MetadataColumn } from '#shared/domain/spec/metadata.ts';
import { castSql } from './casts.ts';
import { faultCase, type RowFaultKind, valueSql } from './fault-case.ts';
import { periodSql } from './period-sql.ts';
import type { RowColumn, RowPlan } from './row-plan.ts';
import { cellName, isShownAsJson, layoutOf, type SpoolLayout } from './spool-layout.ts';
import { SPOOL_QUOTE, SPOOL_SEPARATOR } from './spool-text.ts';
import { quoteName, quoteText } from './sql-text.ts';

/*
 * The statements of one slice. Names of our own begin with a blank, which no field's or column's does.
 *
 *   cells   " p", " o", " t3" texts, " j4" JSON, and every field and fact by its own name
 *   values  all that, " w" the filter's and " e0"... the expressions' results, each in a struct: an expression
 *           that fails makes the struct NULL, one that gives NULL does not
 *   judged  all that, " fault" the number of what is wrong, " keep" whether the filter lets it pass
 *   chunk   " p", " o", " fault", " keep", where they are kept apart " period", and the row: its columns, or for ndjson
 *           its line, where it is good
 */

/** The texts. */
export interface Statements {
  /** Makes the table of a chunk from a spool file whose longest line has so many bytes. */
  chunk(file: string, longestLine: number): string;
  /**
   * Where records hold several rows: the fault of a row becomes that of all rows of its record. An update, since
   * what looks at many rows at once would not keep their order.
   */
  readonly spread: string | undefined;
  /** Per partition: partition, lines, records, bad records, records with rows to write, rows to write. */
  readonly counts: string;
  /** Partition, offset and fault number of every bad row. */
  readonly faults: string;
  /** Where each period of the rows to write begins, epoch ms; NULL for rows without one. */
  readonly periods: string;
  /** Writes the chunk's rows, or those of one period. `header`: with the line of column names. */
  copy(file: string, options: CopyOptions): string;
  /** `parquet` only: writes one file of several. */
  merge(files: readonly string[], into: string): string;
  readonly faultKinds: readonly RowFaultKind[];
  /** Does again, for one record of a spool file, what gave a fault; but so that the engine says what is wrong. */
  again(fault: RowFaultKind, place: SpoolPlace): string;
}

/** What of a chunk is written. */
interface CopyOptions {
  readonly header: boolean;
  /** As `periods` names it. Absent: all rows. */
  readonly period?: string | null | undefined;
}

/** One record in a spool file. */
export interface SpoolPlace {
  readonly file: string;
  readonly longestLine: number;
  readonly partition: number;
  readonly offset: bigint;
}

/** What the facts of a Kafka record are. */
export const FACT_TYPES: Readonly<Record<MetadataColumn, string>> = {
  _topic: 'VARCHAR',
  _partition: 'INTEGER',
  _offset: 'BIGINT',
  _timestamp: 'BIGINT',
  _key: 'VARCHAR',
  _headers: 'JSON',
  _deleted: 'BOOLEAN',
};

/** Names and types of all that expressions may use, without any row. */
export function emptySource(plan: RowPlan): string {
  const columns = [
    ...plan.facts.map((fact) => `null::${FACT_TYPES[fact]} as ${fact}`),
    ...plan.fields.map(({ name, type }) => `null::${type} as ${quoteName(name)}`),
  ];
  return `(select ${[...columns, '0 as " p"'].join(', ')})`;
}

/** @param typeOf the type of a column, as {@link emptySource} shows it */
export function statementsOf(plan: RowPlan, typeOf: ReadonlyMap<string, string>): Statements {
  const layout = layoutOf(plan);
  const { sql: fault, kinds } = faultCase(plan, layout, typeOf);
  const isKept = plan.where === undefined ? 'true' : '(" w".v is true)';
  const shown = shownColumns(plan, layout, typeOf);
  const period = periodSql(plan, typeOf);
  const good = 'from chunk where " fault" is null and " keep"';
  return {
    chunk: (file, longestLine) =>
      [
        'create or replace temp table chunk as',
        `select " p", " o", " fault", " keep", ${period ? `${period} as " period", ` : ''}${shown.select}`,
        `from (select *, ${fault} as " fault", ${isKept} as " keep"`,
        `from (select *${valuesOf(plan)}`,
        `from (select ${cellsOf(plan, layout)}`,
        `from ${readSpool(layout, file, longestLine)})))`,
      ].join('\n'),
    spread: holdsSeveral(plan) ? SPREAD : undefined,
    counts: holdsSeveral(plan) ? COUNTS_OF_SEVERAL : COUNTS,
    faults:
      'select " p", " o", " fault"::integer from chunk where " fault" is not null order by 1, 2',
    periods: `select distinct " period" ${good} order by 1 nulls last`,
    copy: (file, { header, period: only }) => {
      const rows = only === undefined ? good : `${good} and " period" is not distinct from ${only}`;
      return `copy (select ${shown.names} ${rows}) to ${quoteText(file)} (${copyOptions(plan, header)})`;
    },
    merge: (files, into) =>
      `copy (from read_parquet([${files.map(quoteText).join(', ')}])) to ${quoteText(into)} (${parquetOptions(plan)})`,
    faultKinds: kinds,
    again: ({ sql }, { file, longestLine, partition, offset }) =>
      [
        `select ${sql} from (select ${cellsOf(plan, layout)}`,
        `from ${readSpool(layout, file, longestLine)})`,
        `where " p" = ${partition} and " o" = ${offset}`,
      ].join('\n'),
  };
}

const COUNTS = [
  'select " p", n, n, bad, kept, kept from (select " p", count(*)::integer as n,',
  'count(" fault")::integer as bad, (count(*) filter (" fault" is null and " keep"))::integer as kept',
  'from chunk group by 1) order by 1',
].join(' ');

const COUNTS_OF_SEVERAL = [
  'select " p", sum(n)::integer, count(*)::integer, count(fault)::integer,',
  '(count(*) filter (fault is null and kept > 0))::integer,',
  'coalesce(sum(kept) filter (fault is null), 0)::integer',
  'from (select " p", count(*) as n, min(" fault") as fault, count(*) filter (" keep") as kept',
  'from chunk group by " p", " o") group by 1 order by 1',
].join(' ');

const SPREAD = [
  'update chunk set " fault" = bad.fault',
  'from (select " p" as p, " o" as o, min(" fault") as fault from chunk where " fault" is not null group by 1, 2) as bad',
  'where chunk." p" = bad.p and chunk." o" = bad.o',
].join(' ');

function holdsSeveral({ valueFormat }: RowPlan): boolean {
  return valueFormat.type === 'json' && valueFormat.stripOuterArray === true;
}

/** Of 122,880 rows, which readers skip whole by their minima and maxima. */
const PARQUET = 'format parquet, compression zstd';

/** Lines as they are: JSON has no control character in it. */
export const LINES = "format csv, header false, quote '', escape '', delim '\\x01'";

function copyOptions(plan: RowPlan, header: boolean): string {
  switch (plan.rowFormat) {
    case 'parquet':
      return parquetOptions(plan);
    case 'csv':
      return `format csv, header ${header}`;
    case 'ndjson':
      return LINES;
  }
}

/** With the numbers by which a table knows its columns, where it has such. */
function parquetOptions({ columns = [] }: RowPlan): string {
  const ids = columns.flatMap(({ name, table }) =>
    table ? [`${quoteText(name)}: ${table.fieldId}`] : [],
  );
  return ids.length === 0 ? PARQUET : `${PARQUET}, field_ids {${ids.join(', ')}}`;
}

/**
 * Several threads read a file only where no line is longer. Of files with lines of about a megabyte DuckDB 1.5 refuses
 * many when several do, and now and then leaves a line out.
 */
const LONGEST_IN_PARALLEL = 1 << 16;

function readSpool({ cells, facts }: SpoolLayout, file: string, longestLine: number): string {
  const columns = [
    ...cells.map((_, n) => `${cellName(n)}: 'VARCHAR'`),
    ...facts.map((fact, n) => `${cellName(cells.length + n)}: ${quoteText(spoolType(fact))}`),
  ];
  const most = Math.max(longestLine + 1, LONGEST_IN_PARALLEL);
  const [separator, quote] = [SPOOL_SEPARATOR, SPOOL_QUOTE].map((byte) =>
    String.fromCharCode(byte),
  );
  const dialect = `delim = '${separator}', quote = '${quote}', escape = '${quote}', new_line = '\\n', nullstr = '', allow_quoted_nulls = false`;
  const strict =
    "header = false, auto_detect = false, comment = '', skip = 0, null_padding = false, ignore_errors = false, strict_mode = true";
  return `read_csv(${quoteText(file)}, columns = {${columns.join(', ')}}, ${dialect}, ${strict}, parallel = ${longestLine <= LONGEST_IN_PARALLEL}, max_line_size = ${most}, buffer_size = ${Math.max(2 * most, 1 << 22)})`;
}

function spoolType(fact: MetadataColumn): string {
  return fact === '_headers' ? 'VARCHAR' : FACT_TYPES[fact];
}

function cellsOf(plan: RowPlan, layout: SpoolLayout): string {
  const types = new Map(plan.fields.map(({ name, type }) => [name, type]));
  const selected = layout.cells.flatMap((cell, n) => {
    const text = cellName(n);
    if (cell.kind === 'whole') return [`${text} as " whole"`];
    const type = types.get(cell.field) ?? 'VARCHAR';
    const named = `${castSql(text, type)} as ${quoteName(cell.field)}`;
    if (cell.kind === 'text') return [`${text} as " t${n}"`, named];
    return type === 'JSON' ? [`${text} as " t${n}"`, named] : [`${text} as " j${n}"`];
  });
  const facts = layout.facts.flatMap((fact, n) => {
    const name = cellName(layout.cells.length + n);
    if (fact === '_partition') return [`${name} as " p"`, `${name} as _partition`];
    if (fact === '_offset') return [`${name} as " o"`, `${name} as _offset`];
    return [`${name}::${FACT_TYPES[fact]} as ${fact}`];
  });
  return [...facts, ...selected].join(', ');
}

function valuesOf({ where, columns = [] }: RowPlan): string {
  const values = columns.flatMap(({ source }, i) =>
    source.kind === 'expression' ? [`, try({'v': ${source.sql}}) as " e${i}"`] : [],
  );
  if (where !== undefined) values.push(`, try({'v': ${where}}) as " w"`);
  return values.join('');
}

/** The columns that the chunk's table keeps, and how they are written. */
function shownColumns(
  plan: RowPlan,
  layout: SpoolLayout,
  typeOf: ReadonlyMap<string, string>,
): { select: string; names: string } {
  const { columns } = plan;
  if (columns === undefined) return { select: lineSql('" whole"'), names: 'line' };
  if (plan.rowFormat === 'ndjson') {
    const parts = columns.map((column, i) => {
      const name = `${i === 0 ? '{' : ','}${JSON.stringify(column.name)}:`;
      return `${quoteText(name)}, ${jsonSql(column, i, { plan, layout, typeOf })}`;
    });
    return { select: lineSql(`concat(${parts.join(', ')}, '}')`), names: 'line' };
  }
  // A line that holds one NULL would be empty, and readers skip such lines.
  const only = plan.rowFormat === 'csv' && columns.length === 1;
  const select = columns.map((column, i) => {
    const value = valueSql(column, i);
    return `${only ? `coalesce(${value}::varchar, '')` : value} as ${quoteName(column.name)}`;
  });
  return {
    select: select.join(', '),
    names: columns.map(({ name }) => quoteName(name)).join(', '),
  };
}

/** What is written of good rows only need not be made for the others. */
function lineSql(sql: string): string {
  return `case when " fault" is null and " keep" then ${sql} end as line`;
}

function jsonSql(
  column: RowColumn,
  i: number,
  of: {
    readonly plan: RowPlan;
    readonly layout: SpoolLayout;
    readonly typeOf: ReadonlyMap<string, string>;
  },
): string {
  const { source } = column;
  if (source.kind === 'field') {
    const field = of.plan.fields.find(({ name }) => name === source.field);
    if (field && isShownAsJson(field, of.plan)) {
      const n = of.layout.cells.findIndex(
        (cell) => cell.kind === 'json' && cell.field === source.field,
      );
      return `coalesce(" j${n}", 'null')`;
    }
  }
  const value = valueSql(column, i);
  const type = of.typeOf.get(column.name) ?? '';
  return `coalesce(${jsonOf(value, type)}, 'null')`;
}

/** A value's JSON: to_json would print numbers in JSON anew, and make doubles of decimals. */
export function jsonOf(value: string, type: string): string {
  if (type === 'JSON') return `${value}::varchar`;
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (!decimal) return `to_json(${value})::varchar`;
  // Without digits before the point the engine writes none there.
  if (decimal[1] !== decimal[2]) return `${value}::varchar`;
  return `regexp_replace(${value}::varchar, '^(-?)\\.', '\\10.')`;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TableColumn } from '../../../../functions/shared/domain/spec/table-shape.ts';
import { query } from '../../../support/query.ts';
import { type Given, transformed } from './transformed.ts';

const column = (name: string, fieldId: number, type: string | undefined, isRequired = false) =>
  ({ name, fieldId, told: type ?? 'struct', type, isRequired }) satisfies TableColumn;

const tableOf = (...columns: TableColumn[]) => ({ columns, partitionBy: undefined });

async function read(bytes: Buffer, sql: (file: string) => string) {
  const directory = await mkdtemp(join(tmpdir(), 'fit-table-'));
  try {
    const file = join(directory, 'rows.parquet');
    await writeFile(file, bytes);
    return await query(sql(`'${file}'`));
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('rows for a table', () => {
  it('carry the numbers of its columns, also where small parts were written once more', async () => {
    const table = tableOf(column('n', 7, 'BIGINT'), column('it\'s "a" note', 12, 'VARCHAR'));
    const records = Array.from({ length: 3_000 }, (_, n) => `{"n":${n}}`);
    const { bytes } = await transformed({ table }, records, 10_000);
    const fields = await read(
      bytes,
      (file) => `select name, type, field_id from parquet_schema(${file})`,
    );
    expect(fields.slice(1)).toEqual([
      ['n', 'INT64', '7'],
      ['it\'s "a" note', 'BYTE_ARRAY', '12'],
    ]);
    expect(await read(bytes, (file) => `select count(*), max(n) from ${file}`)).toEqual([
      ['3000', '2999'],
    ]);
  });

  it("have the table's types: by themselves, by another that is declared, and by expressions", async () => {
    const table = tableOf(
      column('a', 1, 'INTEGER'),
      column('b', 2, 'VARCHAR'),
      column('c', 3, 'FLOAT'),
    );
    const given: Given = { table, columns: 'a, b, c = a / 2', types: { b: 'INTEGER' } };
    const { bytes, statistics } = await transformed(given, [
      '{"a":3,"b":7}',
      '{"a":1,"b":"x"}',
      '{"a":0.5}',
    ]);
    const rows = await read(bytes, (file) => `select a, b, typeof(b), c, typeof(c) from ${file}`);
    expect(rows).toEqual([[3, '7', 'VARCHAR', 1.5, 'FLOAT']]);
    expect(statistics.badRows.map((bad) => bad.column)).toEqual(['b', 'a']);
  });

  it('take of CSV and of raw values what the table has', async () => {
    const table = tableOf(column('b', 1, 'INTEGER'), column('value', 2, 'VARCHAR'));
    const csv: Given = { table, format: { type: 'csv', columns: ['a', 'b'] } };
    const ofCsv = await transformed(csv, ['1,2']);
    expect(await read(ofCsv.bytes, (file) => `from ${file}`)).toEqual([[2]]);
    const ofRaw = await transformed({ table, format: { type: 'raw' } }, ['any']);
    expect(await read(ofRaw.bytes, (file) => `from ${file}`)).toEqual([['any']]);
  });

  it('are bad where the table forbids nulls, and where a partition would hide their date', async () => {
    const columns = [column('n', 1, 'BIGINT', true), column('on', 2, 'DATE')];
    const table = { columns, partitionBy: { column: 'on', unit: 'day' as const } };
    const days = ['2026-11-22', null, '0000-01-01', 'infinity'];
    const { statistics, periods } = await transformed({ table }, [
      ...days.map((on, n) => JSON.stringify({ n, on })),
      '{"on":"2026-11-22"}',
    ]);
    expect([...periods.keys()]).toEqual(['2026-11-22', '__HIVE_DEFAULT_PARTITION__']);
    expect(statistics.badRows.map(({ offset, reason }) => [offset, reason])).toEqual([
      ['2', 'is not of the years 1 to 9999'],
      ['3', 'is not of the years 1 to 9999'],
      ['4', 'is null, which the table does not allow'],
    ]);
  });

  it('are bad where a time has no end', async () => {
    const table = tableOf(column('at', 1, 'TIMESTAMPTZ'), column('on', 2, 'DATE'));
    const { statistics } = await transformed({ table }, [
      '{"at":"infinity"}',
      '{"on":"-infinity"}',
      '{}',
    ]);
    const reason = 'is infinite, which the table does not have';
    expect(statistics.badRows).toMatchObject([
      { column: 'at', reason },
      { column: 'on', reason },
    ]);
  });

  it('are bad at the end of a day, which is no time for other readers', async () => {
    const { statistics, bytes } = await transformed({ table: tableOf(column('t', 1, 'TIME')) }, [
      '{"t":"24:00:00"}',
      '{"t":"23:59:59.999999"}',
      '{}',
    ]);
    expect(statistics.badRows.map(({ offset, column: name }) => [offset, name])).toEqual([
      ['0', 't'],
    ]);
    expect(await read(bytes, (file) => `select t::varchar from ${file}`)).toEqual([
      ['23:59:59.999999'],
      [null],
    ]);
  });

  it('cannot be made for a column that is called as what the engine calls its own', async () => {
    const table = tableOf(column(' p', 1, 'VARCHAR'));
    await expect(transformed({ table }, ['{" p":"z"}'])).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: 'columns,  p: begins with a blank, and cannot be written: leave it out',
    });
  });

  it.each([
    [{ columns: 'a, x' }, 'columns: the table has no x, only a, b, c, d'],
    [
      { columns: 'a, c' },
      'columns, c: is struct in the table, which cannot be written: leave it out',
    ],
    [
      { columns: 'a, b' },
      'columns, b: is BLOB in the table: say what its text holds, e.g. b = from_base64(b)',
    ],
    [{ columns: 'd' }, 'columns: must have a, which must not be null in the table'],
    [{}, 'columns, b: is BLOB in the table: say what its text holds, e.g. b = from_base64(b)'],
  ])('cannot be made by %j: %s', async (given, fault) => {
    const table = tableOf(
      column('a', 1, 'INTEGER', true),
      column('b', 2, 'BLOB'),
      column('c', 3, undefined),
      column('d', 4, 'DOUBLE'),
    );
    await expect(transformed({ table, ...given }, ['{}'])).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: fault,
    });
  });
});

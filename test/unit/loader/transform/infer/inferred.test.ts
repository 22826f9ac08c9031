import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Given, transformed } from '../transformed.ts';
import { readParquet } from './read-parquet.ts';

const PARQUET: Given = { file: { format: 'parquet' } };

type Result = Awaited<ReturnType<typeof transformed>>;

const rejected = ({ letters }: Result) => letters.map(({ reason }) => reason);

/** A column `x` whose first value decides its type: what becomes of the others. */
async function laterValues(first: string, ...others: string[]) {
  const records = [first, ...others].map((json) => `{"x":${json}}`);
  const result = await transformed({ ...PARQUET, sampled: 1 }, records);
  const rows = await readParquet(result, 'select x::varchar from $file');
  return { rows: rows.slice(1).map(([x]) => x), bad: result.letters.map(({ value }) => value) };
}

describe('a value behind the sample', () => {
  it.each([
    ['1', ['-5', '9223372036854775807', '7.0', '"42"'], ['-5', '9223372036854775807', '7', '42']],
    [
      '1.5',
      ['2', '1e300', '"NaN"', '"-Infinity"', '0.30000000000000004'],
      ['2.0', '1e+300', 'nan', '-inf', '0.30000000000000004'],
    ],
    ['12345678901234.56', ['1', '0.1'], ['1.00', '0.10']],
    ['true', ['false'], ['false']],
    ['"2026-01-01"', ['"1999-12-31"'], ['1999-12-31']],
    ['"2026-01-01T10:00"', ['"2026-01-01 10:00:00.5"'], ['2026-01-01 10:00:00.5']],
    ['"2026-01-01T10:00:00Z"', ['"2026-01-01T10:00:00+02:00"'], ['2026-01-01 08:00:00+00']],
    ['{}', ['[1.10]', '"text"', '5'], ['[1.10]', '"text"', '5']],
    ['"a"', ['1.10', 'true', '{"a": 1}'], ['1.10', 'true', '{"a":1}']],
  ])('that fits the type of %s is kept exactly', async (first, others, expected) => {
    const { rows, bad } = await laterValues(first, ...others, 'null');
    expect(bad).toEqual([]);
    expect(rows).toEqual([...expected, null]);
  });

  it.each([
    ['1', ['9223372036854775808', '1.5', '"007"', '"+7"', '" 7"', 'true', '"x"', '""']],
    ['1.5', ['12345678901234567890', '0.12345678901234567890123', '"inf"', '"1_0"', '1e999']],
    ['12345678901234.56', ['0.001', '1e40']],
    ['true', ['1', '0', '"yes"', '"t"', '"TRUE"']],
    ['"2026-01-01"', ['"2026-01-01T00:00:00"', '"2026-1-2"', '"2026-02-30"', '"today"', '1']],
    [
      '"2026-01-01T10:00:00"',
      ['"2026-01-01"', '"2026-01-01T10:00:00Z"', '"2026-01-01T10:00:00.1234567"', '"now"'],
    ],
    ['"2026-01-01T10:00:00Z"', ['"2026-01-01T10:00:00"', '"2026-01-01"', '1767261600']],
  ])('that does not fit the type of %s is a bad row', async (first, others) => {
    const { rows, bad } = await laterValues(first, ...others);
    expect(rows).toEqual([]);
    expect(bad).toEqual(others.map((json) => `{"x":${json}}`));
  });
});

it('columns are the sample’s fields, in its order, with declared types in their places', async () => {
  const given: Given = { ...PARQUET, types: { late: 'INTEGER', b: 'VARCHAR', '*': 'infer' } };
  const result = await transformed({ ...given, sampled: 2 }, [
    '{"b":1,"a":1}',
    '{"c":"2026-01-01","a":2}',
    '{"a":3,"d":5,"late":7}',
  ]);
  expect(
    await readParquet(result, 'select column_name, column_type from (describe from $file)'),
  ).toEqual([
    ['b', 'VARCHAR'],
    ['a', 'BIGINT'],
    ['c', 'DATE'],
    ['late', 'INTEGER'],
  ]);
  expect(await readParquet(result, 'from $file')).toEqual([
    ['1', '1', null, null],
    [null, '2', '2026-01-01', null],
    [null, '3', null, 7],
  ]);
});

it('fields that cannot be columns are left out', async () => {
  const result = await transformed(PARQUET, ['{"a":1,"A":2,"_offset":3," x":4,"*":5,"":6}']);
  expect(result.types).toEqual({ a: 'BIGINT' });
});

it('expressions and the filter compute with inferred types, and JSON lines show values as they came', async () => {
  const given: Given = { types: 'infer', columns: 'n, m, twice = n * 2', where: 'n > 1.25' };
  const { lines, letters } = await transformed({ ...given, sampled: 2 }, [
    '{"n":1.50,"m":1.10}',
    '{"n":1.25,"m":{"a":1}}',
    '{"n":2.0,"m":[]}',
    '{"n":"x","m":7}',
  ]);
  expect(lines).toEqual(['{"n":1.50,"m":1.10,"twice":3.0}', '{"n":2.0,"m":[],"twice":4.0}']);
  expect(letters).toMatchObject([{ column: 'n' }]);
});

it('values that are passed on whole are typed only for the filter', async () => {
  const { lines, letters } = await transformed({ types: 'infer', where: 'n > 1', sampled: 1 }, [
    '{"n":1,"m":1}',
    '{"n":2,"m":"x"}',
  ]);
  expect(letters).toEqual([]);
  expect(lines).toEqual(['{"n":2,"m":"x"}']);
});

it('JSON whose fields nobody names becomes CSV with the columns of the sample', async () => {
  const given: Given = { types: 'infer', file: { format: 'csv' } };
  const { text } = await transformed(given, ['{"a":1,"b":"x,y"}', '{"b":"z","a":2}']);
  expect(text).toBe('a,b\n1,"x,y"\n2,z\n');
});

it('of CSV only what is not enclosed can be a number, and leading zeros stay text', async () => {
  const columns = ['n', 'zip', 'quoted', 'day', 'empty', 'phone', 'ok'];
  const given: Given = { ...PARQUET, format: { type: 'csv', columns } };
  const { types } = await transformed(given, [
    '1,00420,"5","2026-01-01",,+491,true',
    ',10115,"6",2026-01-02,,+492,false',
  ]);
  expect(types).toEqual({
    n: 'BIGINT',
    zip: 'VARCHAR',
    quoted: 'VARCHAR',
    day: 'DATE',
    empty: 'VARCHAR',
    phone: 'VARCHAR',
    ok: 'BOOLEAN',
  });
});

it('an array’s elements and a root’s fields are sampled, as they are loaded', async () => {
  const format = { type: 'json' as const, stripOuterArray: true, jsonRoot: '$.rows' };
  const result = await transformed({ ...PARQUET, format }, ['{"rows":[{"a":1},{"a":2.5}]}']);
  expect(result.types).toEqual({ a: 'DOUBLE' });
  expect(await readParquet(result, 'from $file')).toEqual([[1], [2.5]]);
});

it('with unknownColumns reject a field that the sample does not have makes a bad row', async () => {
  const policies = { unknownColumns: 'reject' as const };
  const result = await transformed({ ...PARQUET, policies, sampled: 1 }, [
    '{"a":1}',
    '{"a":1,"b":2}',
  ]);
  expect(rejected(result)).toEqual([expect.stringContaining('is not a known field')]);
});

const scalar = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.nat({ max: 10 })).map(([n, scale]) => {
    const digits = String(n).padStart(scale + 1, '0');
    return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }),
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-02'), max: new Date('9999-12-30') })
    .chain((at) => {
      const iso = at.toISOString();
      return fc
        .constantFrom(iso, iso.slice(0, 10), iso.slice(0, 19), `${iso.slice(0, 23)}+02:00`)
        .map((text) => JSON.stringify(text));
    }),
  fc.constantFrom('true', 'false', 'null', '"007"', '{"a":[1.10]}', '[]', '-0', '1e5'),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
);

/** Columns of values that are of one kind mostly, as columns are. */
const column = fc.oneof(
  fc.array(scalar, { minLength: 1, maxLength: 4 }),
  scalar.map((value) => [value, 'null', value]),
);

it('every row of a sample is a row of the table, and numbers keep every digit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 5 }), async (columns) => {
      const length = Math.max(...columns.map((values) => values.length));
      const records = Array.from({ length }, (_, row) => {
        const fields = columns.map((values, i) => `"f${i}":${values[row % values.length]}`);
        return `{${fields.join(',')}}`;
      });
      const result = await transformed(PARQUET, records);
      expect(rejected(result)).toEqual([]);
      const rows = await readParquet(result, 'select columns(*)::varchar from $file');
      expect(rows).toHaveLength(length);
      for (const [row, cells] of rows.entries()) {
        for (const [i, cell] of cells.entries()) {
          const values = columns[i]!;
          const json = values[row % values.length]!;
          if (json === 'null') expect(cell).toBeNull();
          else if (/^[-\d]/.test(json)) expect(plain(String(cell))).toBe(plain(json));
        }
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** A number's sign and digits, and the power of ten of the first, whatever way it is written. */
function plain(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`;
  const first = digits.search(/[1-9]/);
  if (first < 0) return '0';
  return `${sign}${digits.slice(first).replace(/0+$/, '')}e${whole.length - first + Number(exponent)}`;
}

import { describe, expect, it } from 'vitest';
import { jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { transformed } from '../transform/transformed.ts';
import { rowsOf, specOf } from './rows-of.ts';

const TOMBSTONE = { value: null, key: 'k', offset: 3n, headers: [['h', null]] as const };

describe('a tombstone as a row of nulls', () => {
  const policies = { tombstone: 'null' as const };
  const metadata = ['_key' as const, '_offset' as const, '_headers' as const];

  it.each([
    ['whole', {}, '{"_key":"k","_offset":3,"_headers":[["h",null]]}\n'],
    [
      'of columns',
      { columns: 'a, b' },
      '{"a":null,"b":null,"_key":"k","_offset":3,"_headers":[["h",null]]}\n',
    ],
  ])('is written by bytes, %s', async (_, given, expected) => {
    const { text, statistics } = await rowsOf({ ...given, policies, file: { metadata } }, [
      TOMBSTONE,
    ]);
    expect(text).toBe(expected);
    expect(statistics.counts.get(0)).toMatchObject({ rows: 1, skipped: 0 });
  });

  it('is mapped and filtered like any other', async () => {
    const { lines, statistics } = await transformed(
      { columns: 'a, gone = a is null', where: 'a is null', policies, file: { metadata } },
      [TOMBSTONE, { value: '{"a":1}', offset: 4n }],
    );
    expect(lines).toEqual([
      '{"a":null,"gone":true,"_key":"k","_offset":3,"_headers":[["h",null]]}',
    ]);
    expect(statistics.counts.get(0)).toMatchObject({ rows: 1, filtered: 1, skipped: 0 });
  });

  it('is a dead letter without a value when it is bad', async () => {
    const { letters } = await transformed(
      { columns: "n = strptime(coalesce(a, 'never'), '%Y')", policies },
      [TOMBSTONE],
    );
    expect(letters).toMatchObject([{ offset: '3', key: 'k', value: null, column: 'n' }]);
  });
});

describe('unknown columns', () => {
  const policies = { unknownColumns: 'reject' as const };
  const values = ['{"a":1}', '{"a":1,"b":2}', '{"a":1,"\\u0062":2}', '{}', '[1]'];

  it.each([
    ['by bytes', (given: object) => rowsOf({ columns: 'a', policies, ...given }, values)],
    [
      'by the engine',
      (given: object) => transformed({ columns: 'x = a', policies, ...given }, values),
    ],
  ])('make a bad row, found %s', async (_, run) => {
    const { statistics } = await run({});
    expect(statistics.counts.get(0)).toMatchObject({ rows: 2, rejected: 3 });
    const reason = 'is not a known field, and policies.unknownColumns is reject';
    expect(statistics.badRows).toMatchObject([
      { column: 'b', reason },
      { column: 'b', reason },
      { reason: 'must be a JSON object, got an array' },
    ]);
    expect((await run({ policies: {} })).statistics.counts.get(0)).toMatchObject({ rows: 4 });
  });

  it('may be declared without being loaded', async () => {
    const { statistics } = await transformed(
      { columns: 'a', types: { b: 'INTEGER' }, policies },
      values,
    );
    expect(statistics.counts.get(0)).toMatchObject({ rows: 4, rejected: 1 });
  });
});

describe('policies are refused', () => {
  it.each([
    [{ policies: { tombstone: 'null' }, format: { type: 'raw' } }, 'policies.tombstone'],
    [{ policies: { unknownColumns: 'reject' } }, 'policies.unknownColumns'],
  ])('%j', (given, place) => {
    const spec = { ...specOf({}), ...given };
    const faults = jobSpec.safeParse(spec).error?.issues.map(({ path }) => path.join('.'));
    expect(faults).toEqual([place]);
  });
});

import { describe, expect, it } from 'vitest';
import { refusalOf } from './transformed.ts';

describe('a specification is refused for', () => {
  it.each([
    ['what is no expression', { columns: 'a = b >' }, 'columns, a: syntax error'],
    ['a subquery', { columns: 'a = (select 1)' }, 'columns, a: must be an expression over one row'],
    ['a window', { columns: 'a = row_number() over ()' }, 'it has a window'],
    ['a star', { columns: 'a = columns(*)' }, 'it has a star'],
    ['an aggregate', { columns: 'a = sum(b)' }, 'made of many rows'],
    ['a function that is not there', { columns: 'a = nofunc(b)' }, 'there is no function nofunc'],
    ['chance', { columns: 'a = random()' }, 'gives each attempt another result'],
    [
      'a look at the loader',
      { columns: "a = current_setting('x')" },
      'must not use current_setting',
    ],
    ['more rows of one', { columns: 'a = unnest([1, 2])' }, 'makes other rows of one'],
    ['a file', { where: "read_text('/etc/passwd') is null" }, 'where: must not use read_text'],
    ['a path into a field', { columns: 'a = b.c' }, "give b the type JSON and write b->>'$.c'"],
    [
      'a filter that is no condition',
      { columns: 'a', where: 'b' },
      'must be a condition, it is VARCHAR',
    ],
    ['text as a number', { columns: 'a = b + 1' }, 'fields without a type are VARCHAR'],
    [
      'names that only differ in letters',
      { columns: 'a, b = A' },
      'differ in capital letters only',
    ],
    [
      'a field that CSV does not have',
      { format: { type: 'csv' as const, columns: ['a'] }, columns: 'x = b' },
      'there is no field b, only a',
    ],
    [
      'long decimals within a list of ndjson',
      { columns: 'a = [b::decimal(18,2)]' },
      'up to 15 digits, got DECIMAL(18,2)[]',
    ],
    [
      'a type that parquet does not have',
      { columns: 'a = b::hugeint', file: { format: 'parquet' as const } },
      'parquet does not have HUGEINT, use DECIMAL(38,0)',
    ],
    [
      'a regular expression that is none, in a column',
      { columns: "a, b = regexp_extract(c, '(')", where: 'a is not null' },
      'columns, b: missing ): (',
    ],
    [
      'a regular expression that is none, in the filter',
      { columns: 'a, b = a || c', where: "regexp_matches(a, '[')" },
      'where: missing ]: [',
    ],
  ])('%s', async (_, given, message) => {
    expect(await refusalOf(given)).toContain(message);
  });

  it('nothing that depends on the row alone', async () => {
    const columns = [
      "a = (b->>'$.c')::integer",
      'c = coalesce(d, e)',
      'f = list_transform([1, 2], lambda x: x + g)',
      'h = case when i then j end',
      "k = l::timestamp at time zone 'UTC'",
      'm = epoch_ms(_timestamp)',
      'n = now()',
    ];
    const types = { g: 'BIGINT', i: 'BOOLEAN' };
    expect(await refusalOf({ columns: columns.join(', '), types })).toBe(
      'nothing is wrong with it',
    );
  });
});

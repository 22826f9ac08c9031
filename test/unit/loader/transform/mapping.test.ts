import { describe, expect, it } from 'vitest';
import { refusalOf, transformed } from './transformed.ts';

const flight = (code: string | null, delay: unknown) => JSON.stringify({ code, delay });

describe('a mapping', () => {
  it('writes fields as they are and expressions over typed ones', async () => {
    const { lines, statistics } = await transformed(
      { columns: 'code, delay, late = delay > 15', types: { delay: 'INTEGER' } },
      [flight('AA', 20), flight('B"\\\n', -3), flight(null, null)],
    );
    expect(lines).toEqual([
      '{"code":"AA","delay":20,"late":true}',
      '{"code":"B\\"\\\\\\n","delay":-3,"late":false}',
      '{"code":null,"delay":null,"late":null}',
    ]);
    expect(statistics.counts.get(0)).toEqual({ rows: 3, filtered: 0, rejected: 0, skipped: 0 });
  });

  it('leaves a field that nothing is said of as its own JSON, digit by digit', async () => {
    const value = '{"a":1.10,"b":{"x":[9007199254740993, 1e2]},"c":"\\ud83d\\u00e9","n":1}';
    const { lines } = await transformed({ columns: 'a, b, c, m = n' }, [value]);
    expect(lines).toEqual([
      '{"a":1.10,"b":{"x":[9007199254740993,1e2]},"c":"\\ud83d\\u00e9","m":"1"}',
    ]);
  });

  it('passes values on whole where there is only a filter, metadata added', async () => {
    const { lines, statistics } = await transformed(
      {
        where: 'delay > 15',
        types: { delay: 'INTEGER' },
        file: { metadata: ['_partition', '_offset'] },
      },
      ['{ "delay": 20,\n "other": [1, 2.50] }', flight('x', 1), flight('x', null)],
    );
    expect(lines).toEqual(['{ "delay": 20,  "other": [1, 2.50] ,"_partition":0,"_offset":0}']);
    expect(statistics.counts.get(0)).toEqual({ rows: 1, filtered: 2, rejected: 0, skipped: 0 });
  });

  it('names fields with blanks in double quotes, and facts of the record like fields', async () => {
    const { lines } = await transformed(
      {
        columns: '"US Gross", half = "US Gross" / 2, odd = _offset % 2 = 1, _key, _headers, _topic',
        types: { 'US Gross': 'BIGINT' },
      },
      [{ value: '{"US Gross":7}', offset: 5n, key: 'k', headers: [['h', 'v']] }],
    );
    expect(lines).toEqual([
      '{"US Gross":7,"half":3.5,"odd":true,"_key":"k","_headers":[["h","v"]],"_topic":"flights"}',
    ]);
  });

  it('reads CSV, an empty field as null and an enclosed one as text', async () => {
    const { lines } = await transformed(
      {
        format: { type: 'csv', columns: ['id', 'name'] },
        columns: 'name, next = id + 1',
        types: { id: 'INTEGER' },
      },
      ['1,"a,""b"', '2,', '3,""'],
    );
    expect(lines).toEqual([
      '{"name":"a,\\"b","next":2}',
      '{"name":null,"next":3}',
      '{"name":"","next":4}',
    ]);
  });

  it('reads raw values as text', async () => {
    const { text, statistics } = await transformed(
      {
        format: { type: 'raw' },
        columns: 'line = upper(value), n = length(value)',
        where: "value <> ''",
        file: { format: 'csv' },
      },
      ['two\nlines', { value: Buffer.from([0xff]) }],
    );
    expect(text).toBe('line,n\n"TWO\nLINES",9\n');
    expect(statistics.badRows).toMatchObject([{ offset: '1', reason: 'not valid UTF-8' }]);
  });

  it('writes CSV with one header line, however many chunks there are', async () => {
    const { text } = await transformed(
      { columns: 'x = n * 2', types: { n: 'INTEGER' }, file: { format: 'csv' } },
      ['{"n":1}', '{"n":null}', '{"n":3}'],
      1,
    );
    expect(text).toBe('x\n2\n""\n6\n');
  });

  it('writes nothing for a slice without rows', async () => {
    const { text, statistics } = await transformed(
      { where: 'false', columns: 'n', file: { format: 'csv' } },
      ['{"n":1}'],
    );
    expect(text).toBe('');
    expect(statistics.counts.get(0)).toEqual({ rows: 0, filtered: 1, rejected: 0, skipped: 0 });
  });
});

describe('a row that is bad', () => {
  const given = {
    columns: 'code, delay, per = 100 // delay',
    where: 'delay is not null',
    types: { delay: 'INTEGER' },
  };

  it('is named with its column and reason, and kept whole', async () => {
    const { lines, statistics, letters } = await transformed(given, [
      flight('AA', 20),
      '{"code":',
      { value: flight('B', 'soon'), key: 'k1', timestamp: 1_790_000_000_000 },
      flight('C', null),
    ]);
    expect(lines).toEqual(['{"code":"AA","delay":20,"per":5}']);
    expect(statistics.counts.get(0)).toEqual({ rows: 1, filtered: 1, rejected: 2, skipped: 0 });
    expect(letters).toEqual([
      {
        topic: 'flights',
        partition: 0,
        offset: '1',
        timestamp: null,
        column: null,
        reason: 'not valid JSON: ends too early, after 8 bytes',
        key: null,
        headers: [],
        value: '{"code":',
      },
      {
        topic: 'flights',
        partition: 0,
        offset: '2',
        timestamp: 1_790_000_000_000,
        column: 'delay',
        reason: "cannot be read as INTEGER without loss: Could not convert string 'soon' to INT32",
        key: 'k1',
        headers: [],
        value: '{"code":"B","delay":"soon"}',
      },
    ]);
  });

  it('is told from one for which an expression gives null', async () => {
    const { lines, statistics } = await transformed(
      { columns: "day = strptime(d, '%d.%m.%Y')::date, n = nullif(d, '01.02.2026')" },
      ['{"d":"01.02.2026"}', '{"d":"yesterday"}', '{"d":null}'],
    );
    expect(lines).toEqual(['{"day":"2026-02-01","n":null}', '{"day":null,"n":null}']);
    expect(statistics.badRows).toEqual([
      {
        partition: 0,
        offset: '1',
        column: 'day',
        reason:
          'cannot be computed: Could not parse string "yesterday" according to format specifier "%d.%m.%Y"',
        excerpt: '{"d":"yesterday"}',
      },
    ]);
  });

  it('has the words of the engine for the first three of a slice, and where nothing but digits is lost none', async () => {
    const { statistics } = await transformed(
      { columns: 'n, m = cast(t as integer)', types: { n: 'INTEGER' } },
      ['{"n":1.5}', '{"n":"a"}', '{"t":"b"}', '{"t":"c"}', '{"n":"d"}'],
      1,
    );
    expect(statistics.badRows.map(({ reason }) => reason)).toEqual([
      'cannot be read as INTEGER without loss',
      "cannot be read as INTEGER without loss: Could not convert string 'a' to INT32",
      "cannot be computed: Could not convert string 'b' to INT32",
      'cannot be computed',
      'cannot be read as INTEGER without loss',
    ]);
  });

  it('does not count as bad where the filter leaves it out by fields that are good', async () => {
    const { statistics } = await transformed(
      {
        columns: 'kind, delay',
        where: "kind = 'flight'",
        types: { delay: 'INTEGER', at: 'DATE' },
      },
      ['{"kind":"weather","delay":"none"}', '{"kind":"flight","delay":"none"}'],
    );
    expect(statistics.counts.get(0)).toEqual({ rows: 0, filtered: 1, rejected: 1, skipped: 0 });
  });

  it('is bad, not filtered, when the filter itself cannot be computed', async () => {
    const { statistics } = await transformed({ columns: 'a', where: "a->>'$.x' = '1'" }, [
      '{"a":"no json"}',
      '{"a":{"x":1}}',
    ]);
    expect(statistics.badRows).toMatchObject([{ offset: '0', column: 'where' }]);
    expect(statistics.counts.get(0)).toMatchObject({ rows: 1, rejected: 1 });
  });

  it('is bad when ndjson has no such number', async () => {
    const { lines, statistics } = await transformed(
      { columns: `x = ln(n), y = [n, 1], z = ['"NaN']`, types: { n: 'DOUBLE' } },
      ['{"n":1}', '{"n":1e999}', '{"n":"inf"}'],
    );
    expect(lines).toEqual(['{"x":0.0,"y":[1.0,1.0],"z":["\\"NaN"]}']);
    expect(statistics.badRows.map(({ column }) => column)).toEqual(['n', 'x']);
  });

  it('is found among many, over several chunks and partitions', async () => {
    const records = Array.from({ length: 3_000 }, (_, i) => ({
      value: `{"n":${i % 7 === 3 ? '"x"' : i}}`,
      partition: i % 3,
      offset: BigInt(9_000_000_000_000_000_000n + BigInt(i)),
    }));
    const { lines, statistics, letters } = await transformed(
      { columns: 'n', where: 'n % 2 = 0', types: { n: 'INTEGER' } },
      records,
      4_096,
    );
    const bad = records.filter((_, i) => i % 7 === 3);
    expect(new Set(letters.map(({ offset }) => offset))).toEqual(
      new Set(bad.map(({ offset }) => String(offset))),
    );
    expect(lines).toEqual(
      records.flatMap((_, i) => (i % 7 !== 3 && i % 2 === 0 ? [`{"n":${i}}`] : [])),
    );
    const counts = [...statistics.counts.values()];
    expect(counts.map((c) => c.rows + c.filtered + c.rejected)).toEqual([1_000, 1_000, 1_000]);
  });
});

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

import { describe, expect, it } from 'vitest';
import { transformed } from './transformed.ts';

const flight = (code: string | null, delay: unknown) => JSON.stringify({ code, delay });

it('a value that is nested deeper than the engine stands is a bad row', async () => {
  const nested = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  const { lines, letters } = await transformed(
    { columns: "y = json_contains(x, '1')", types: { x: 'JSON' } },
    [nested(1_000), nested(200_000)],
    undefined,
    10_000_000,
  );
  expect(lines).toEqual(['{"y":false}']);
  expect(letters.map(({ reason }) => reason)).toEqual([
    'is nested 200000 levels deep, mapped values may have 1000',
  ]);
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

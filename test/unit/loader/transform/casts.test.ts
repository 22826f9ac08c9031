import { describe, expect, it } from 'vitest';
import { transformed } from './transformed.ts';

/** What a cell of that type becomes; undefined for a bad row. */
async function cellOf(type: string, json: string): Promise<string | undefined> {
  const { lines } = await transformed({ columns: 'x, y = 1', types: { x: type } }, [
    `{"x":${json}}`,
  ]);
  return lines[0]?.slice('{"x":'.length, -',"y":1}'.length);
}

describe('a typed field', () => {
  it.each([
    ['BIGINT', '9223372036854775807', '9223372036854775807'],
    ['BIGINT', '"-9223372036854775808"', '-9223372036854775808'],
    ['UBIGINT', '18446744073709551615', '18446744073709551615'],
    [
      'HUGEINT',
      '170141183460469231731687303715884105727',
      '170141183460469231731687303715884105727',
    ],
    ['INTEGER', '1.0', '1'],
    ['INTEGER', '1e3', '1000'],
    ['INTEGER', '1.50e1', '15'],
    ['INTEGER', '10e-1', '1'],
    ['INTEGER', '0e-5', '0'],
    ['HUGEINT', '3.6e33', '3600000000000000000000000000000000'],
    [
      'DECIMAL(38,2)',
      '123456789012345678901234567890123456.78',
      '123456789012345678901234567890123456.78',
    ],
    ['DECIMAL(10,2)', '1.1', '1.10'],
    ['DECIMAL(10,2)', '1.1000', '1.10'],
    ['DECIMAL(10,2)', '1e2', '100.00'],
    ['DECIMAL(18,2)', '9007199254740993.17', '9007199254740993.17'],
    ['DECIMAL(3,2)', '-0.5', '-0.50'],
    ['DECIMAL(3,3)', '".5"', '0.500'],
    ['DOUBLE', '0.1', '0.1'],
    ['BOOLEAN', 'true', 'true'],
    ['VARCHAR', '1.10', '"1.10"'],
    ['DATE', '"2026-02-28"', '"2026-02-28"'],
    ['DATE', '"2026-02-28T00:00:00Z"', '"2026-02-28"'],
    ['TIMESTAMP', '"2026-02-28T10:00:00Z"', '"2026-02-28 10:00:00"'],
    ['TIMESTAMP', '"2026-02-28 10:00:00.123456"', '"2026-02-28 10:00:00.123456"'],
    ['TIMESTAMPTZ', '"2026-02-28T10:00:00+02:00"', '"2026-02-28 08:00:00+00"'],
    ['TIME', '"10:00:00.123456000"', '"10:00:00.123456"'],
    ['TIME', '"9:05"', '"09:05:00"'],
    ['TIME', '"10:00:00Z"', '"10:00:00"'],
    ['UUID', '"8A3B2C1D-0000-4000-8000-000000000001"', '"8a3b2c1d-0000-4000-8000-000000000001"'],
    ['JSON', '{"a": [1.10, 12345678901234567890123]}', '{"a":[1.10,12345678901234567890123]}'],
    ['JSON', '"text"', '"text"'],
    ['JSON', 'null', 'null'],
    ['INTEGER', 'null', 'null'],
  ])('%s holds %s', async (type, json, expected) => {
    expect(await cellOf(type, json)).toBe(expected);
  });

  it.each([
    ['BIGINT', '9223372036854775808'],
    ['INTEGER', '1.5'],
    ['TIME', '"10:00:00.1234567"'],
    ['TIME', '"10:00:00+02:00"'],
    ['TIME', '"2026-02-28 10:00:00"'],
    ['TIME', '"10:00:00 or so"'],
    ['INTEGER', '1e-1'],
    ['INTEGER', '1.25e1'],
    ['BIGINT', '16.0005e-53'],
    ['HUGEINT', '3.6e38'],
    ['INTEGER', '"abc"'],
    ['INTEGER', '""'],
    ['INTEGER', '{"a":1}'],
    ['DECIMAL(10,2)', '1.239'],
    ['DECIMAL(10,2)', '1e-3'],
    ['DECIMAL(38,2)', '0.001'],
    ['DECIMAL(38,0)', '0.5'],
    ['DECIMAL(38,38)', '1e-39'],
    ['DECIMAL(4,2)', '123.45'],
    ['DOUBLE', '1e999'],
    ['BOOLEAN', '"perhaps"'],
    ['DATE', '"2026-02-29"'],
    ['DATE', '"2026-02-28 10:00:00"'],
    ['TIMESTAMP', '"2026-02-28T10:00:00+02:00"'],
    ['TIMESTAMPTZ', '"294247-01-10 04:00:54.775806"'],
    ['TIMESTAMP', '"2026-02-28 10:00:00.1234567"'],
    ['TIMESTAMP', '1790000000000'],
    ['JSON', '"\\ud83d"'],
    ['VARCHAR', '"\\ud83d"'],
  ])('%s does not hold %s', async (type, json) => {
    expect(await cellOf(type, json)).toBeUndefined();
  });
});

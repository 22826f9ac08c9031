import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { query } from '../../../support/query.ts';
import { refusalOf, transformed } from './transformed.ts';

type PartitionBy = NonNullable<
  NonNullable<Parameters<typeof transformed>[0]['file']>['partitionBy']
>;

const by = (unit: PartitionBy['unit'], type = 'TIMESTAMPTZ', more: object = {}) => ({
  columns: 'n, at',
  types: { n: 'INTEGER', at: type },
  file: { format: 'ndjson' as const, partitionBy: { column: 'at', unit }, ...more },
});
const record = (n: number, at: string | null) => JSON.stringify({ n, at });

/** The numbers of the rows in each period. */
function numbersOf(periods: ReadonlyMap<string, Buffer>): Record<string, number[]> {
  const numbers = (bytes: Buffer) =>
    bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).n as number);
  return Object.fromEntries([...periods].map(([period, text]) => [period, numbers(text)]));
}

const NONE = '__HIVE_DEFAULT_PARTITION__';

describe('rows that are kept apart by a date', { timeout: 60_000 }, () => {
  it('are those of one UTC day each, in their order, whatever their zones', async () => {
    const { periods, statistics } = await transformed(by('day'), [
      record(1, '2026-03-01T00:30:00+02:00'),
      record(2, '2026-03-01T00:00:00Z'),
      record(3, '2026-02-28T23:59:59.999999Z'),
      record(4, '2026-02-28T20:00:00-05:00'),
      record(5, '2026-03-01T23:59:59.999999Z'),
    ]);
    expect(numbersOf(periods)).toEqual({ '2026-02-28': [1, 3], '2026-03-01': [2, 4, 5] });
    expect([...periods.keys()]).toEqual(['2026-02-28', '2026-03-01']);
    expect(statistics.counts.get(0)).toMatchObject({ rows: 5 });
    expect(statistics.writtenBytes).toBe(Buffer.concat([...periods.values()]).length);
  });

  it('begin a new hour at its first microsecond', async () => {
    const { periods } = await transformed(by('hour', 'TIMESTAMP'), [
      record(1, '2026-03-01 05:00:00'),
      record(2, '2026-03-01 05:59:59.999999'),
      record(3, '2026-03-01 06:00:00'),
      record(4, '1969-12-31 23:59:59.999999'),
    ]);
    expect(numbersOf(periods)).toEqual({
      '1969-12-31T23': [4],
      '2026-03-01T05': [1, 2],
      '2026-03-01T06': [3],
    });
  });

  it('go by months of a DATE, and by the name of a column in capital letters', async () => {
    const given = by('month', 'DATE', { partitionBy: { column: 'AT', unit: 'month' } });
    const { periods } = await transformed(given, [
      record(1, '2026-03-31'),
      record(2, '2026-04-01'),
      record(3, '0001-01-01'),
      record(4, '9999-12-31'),
    ]);
    expect(numbersOf(periods)).toEqual({
      '0001-01': [3],
      '2026-03': [1],
      '2026-04': [2],
      '9999-12': [4],
    });
  });

  it('lie under a fixed word where there is no date, or none that a name can have', async () => {
    const { periods } = await transformed(by('day', 'TIMESTAMP'), [
      record(1, null),
      record(2, 'infinity'),
      record(3, '0044-03-15 (BC) 00:00:00'),
      record(4, '12026-01-01 00:00:00'),
      record(5, '2026-01-01 00:00:00'),
      '{"n":6}',
    ]);
    expect(numbersOf(periods)).toEqual({ '2026-01-01': [5], [NONE]: [1, 2, 3, 4, 6] });
  });

  it('may go by an expression, also over the time of the record', async () => {
    const { periods } = await transformed(
      {
        columns: 'n, day = epoch_ms(_timestamp)::date',
        types: { n: 'INTEGER' },
        file: { partitionBy: { column: 'day', unit: 'day' } },
      },
      [
        { value: '{"n":1}', timestamp: Date.UTC(2026, 1, 3) },
        { value: '{"n":2}', timestamp: Date.UTC(2026, 1, 3) - 1 },
      ],
    );
    expect(numbersOf(periods)).toEqual({ '2026-02-02': [2], '2026-02-03': [1] });
  });

  it('may be values that pass on whole', async () => {
    const whole = '{ "n": 1, "at": "2026-02-03", "more": [1.50] }';
    const { periods } = await transformed(
      { types: { at: 'TIMESTAMPTZ' }, file: { partitionBy: { column: 'at', unit: 'day' } } },
      [whole],
    );
    expect([...periods]).toEqual([['2026-02-03', Buffer.from(`${whole}\n`)]]);
  });

  it('have a header at the beginning of each period, and none between chunks', async () => {
    const records = [1, 2, 3, 4, 5, 6].map((n) => record(n, `2026-01-0${1 + (n % 2)}`));
    const given = by('day', 'DATE', { format: 'csv' });
    const { periods } = await transformed(given, records, 1);
    expect([...periods].map(([period, bytes]) => [period, bytes.toString()])).toEqual([
      ['2026-01-01', 'n,at\n2,2026-01-01\n4,2026-01-01\n6,2026-01-01\n'],
      ['2026-01-02', 'n,at\n1,2026-01-02\n3,2026-01-02\n5,2026-01-02\n'],
    ]);
  });

  it('are one Parquet file for each period, however many chunks it comes from', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'periods-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const records = [1, 2, 3, 4, 5, 6].map((n) => record(n, `2026-01-0${1 + (n % 2)}`));
    const { periods } = await transformed(by('day', 'DATE', { format: 'parquet' }), records, 1);
    expect([...periods.keys()]).toEqual(['2026-01-01', '2026-01-02']);
    for (const [period, bytes] of periods) {
      const file = join(folder, `${period}.parquet`);
      await writeFile(file, bytes);
      const first = period === '2026-01-01' ? 2 : 1;
      expect(await query(`select n, "at" from '${file}'`)).toEqual(
        [first, first + 2, first + 4].map((n) => [n, period]),
      );
    }
  });

  it('leave out what is bad or filtered', async () => {
    const given = { ...by('day', 'DATE'), where: 'n <> 2' };
    const { periods, letters, statistics } = await transformed(given, [
      record(1, '2026-01-01'),
      record(2, '2026-01-02'),
      record(3, 'never'),
    ]);
    expect(numbersOf(periods)).toEqual({ '2026-01-01': [1] });
    expect(letters).toHaveLength(1);
    expect(statistics.counts.get(0)).toEqual({ rows: 1, filtered: 1, rejected: 1, skipped: 0 });
  });

  it('are all there once, whatever their dates and however many chunks they come in', async () => {
    const hours = fc.array(fc.option(fc.integer({ min: 0, max: 60 })), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(hours, fc.integer({ min: 1, max: 400 }), async (given, chunkBytes) => {
        const instant = (hour: number) => new Date(Date.UTC(2026, 11, 30, hour, 59)).toISOString();
        const records = given.map((hour, n) => record(n, hour === null ? null : instant(hour)));
        const { periods } = await transformed(by('day'), records, chunkBytes);
        const expected: Record<string, number[]> = {};
        for (const [n, hour] of given.entries()) {
          const period = hour === null ? NONE : instant(hour).slice(0, 10);
          expected[period] = [...(expected[period] ?? []), n];
        }
        expect(numbersOf(periods)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });
});

describe('too many periods', { timeout: 60_000 }, () => {
  const hourly = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      record(n, new Date(Date.UTC(2026, 0, 1, n)).toISOString()),
    );

  it('in one slice are refused, with their number, the limit and a way out', async () => {
    await expect(transformed(by('hour'), hourly(501))).rejects.toMatchObject({
      code: 'SINK_REJECTED',
      message:
        'rows of one slice must be of at most 500 hours by column "at", got 501: choose a smaller batch.maxRows, a where that leaves out what is too old, or make a job with a longer partitionBy.unit',
    });
  });

  it('are 501, but not 500', async () => {
    expect((await transformed(by('hour'), hourly(500))).periods.size).toBe(500);
  });

  it('are not waited for: a slice ends early once it has half of them', async () => {
    const { hadRoom, periods } = await transformed(by('hour'), hourly(320), 1_000);
    expect(hadRoom).toBeGreaterThan(250);
    expect(hadRoom).toBeLessThan(310);
    expect(periods.size).toBe(320);
    const fewer = await transformed(by('day'), hourly(320), 1_000);
    expect(fewer.hadRoom).toBe(320);
  });
});

describe('a column to go by', () => {
  it('that turns out to be no date is told before anything is read', async () => {
    const given = { columns: 'n, at = n', file: { partitionBy: { column: 'at' } } };
    expect(await refusalOf(given)).toBe(
      'partitionBy, at: must be DATE, TIMESTAMP or TIMESTAMPTZ, it is VARCHAR',
    );
  });

  it('does not hide what is wrong with an expression', async () => {
    const given = {
      columns: "n, at = case when regexp_matches(n, '(') then current_date end",
      file: { partitionBy: { column: 'at' } },
    };
    expect(await refusalOf(given)).toMatch(/columns, at/);
  });
});

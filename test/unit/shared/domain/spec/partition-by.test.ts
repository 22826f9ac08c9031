import { describe, expect, it } from 'vitest';
import { jobSpec } from '../../../../../functions/shared/domain/job-spec.ts';

const partitionBy = { column: 'at', unit: 'day' };
const types = { at: 'TIMESTAMPTZ', n: 'INTEGER' };
const s3 = (more: object = {}) => ({ s3: { bucket: 'lake', partitionBy, ...more } });
const file = (more: object = {}) => ({ file: { table: 'flights', partitionBy, ...more } });

const specWith = (destination: unknown, more: object = { types }) => ({
  name: 'flights',
  source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
  destination,
  ...more,
});

function faultsOf(destination: unknown, more: object = { types }): string[] {
  const { error } = jobSpec.safeParse(specWith(destination, more));
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('partitionBy', () => {
  it.each(['DATE', 'TIMESTAMP', 'datetime', 'timestamp with time zone'])(
    'goes by a column of type %s, with and without columns',
    (type) => {
      for (const destination of [s3(), file()]) {
        expect(faultsOf(destination, { types: { at: type } })).toEqual([]);
        expect(faultsOf(destination, { columns: 'n, At', types: { at: type } })).toEqual([]);
      }
    },
  );

  it('goes by an expression, whose type the engine knows', () => {
    expect(faultsOf(s3(), { columns: 'n, at = epoch_ms(_timestamp)' })).toEqual([]);
  });

  it('goes by days unless told otherwise, and is left as it was when its output is parsed again', () => {
    for (const destination of [s3({ partitionBy: { column: 'at' } }), file()]) {
      const once = jobSpec.parse(specWith(destination));
      expect((once.destination.s3 ?? once.destination.file)?.partitionBy).toEqual(partitionBy);
      expect(jobSpec.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });

  const wanted = 'must have type DATE, TIMESTAMP or TIMESTAMPTZ in types';
  it.each([
    [{ types: { n: 'INTEGER' } }, 'must be a column of the result, one in types, got "at"'],
    [{ columns: 'n', types }, 'must be a column of the result, one in columns, got "at"'],
    [{ columns: 'n, at' }, `${wanted}, got none`],
    [{ types: { at: 'TIME' } }, `${wanted}, got TIME`],
    [{ types: { at: 'VARCHAR' } }, `${wanted}, got VARCHAR`],
  ])('beside %j is a fault', (more, fault) => {
    expect(faultsOf(s3(), more)).toEqual([`destination.s3.partitionBy.column: ${fault}`]);
    expect(faultsOf(file(), more)).toEqual([`destination.file.partitionBy.column: ${fault}`]);
  });

  it('is not for Doris and StarRocks', () => {
    expect(faultsOf({ doris: { partitionBy } })).toContainEqual(
      expect.stringMatching(/destination\.doris: unrecognized key/i),
    );
  });

  it('is told with all other faults at once', () => {
    const destination = s3({ keyTemplate: '{date}/{task}' });
    expect(faultsOf(destination, { columns: 'n, n', types: { n: 'INTEGER' } })).toEqual([
      'columns: must not repeat a column',
      expect.stringMatching(/^destination\.s3\.keyTemplate: must have \{record_date\}/),
      expect.stringMatching(/^destination\.s3\.partitionBy\.column: must be a column/),
    ]);
  });
});

describe('a key template beside partitionBy', () => {
  it.each([
    ['month', 'p/{table}/year={record_year}/month={record_month}/{task}'],
    ['day', '{table}/dt={record_date}/{task}'],
    ['hour', '{record_date}T{record_hour}/{task}'],
    ['hour', '{record_year}/{record_month}/{record_day}/{record_hour}/{task}'],
    ['month', '{record_date}/{date}/{task}'],
  ])('may, for a %s, be %s', (unit, keyTemplate) => {
    expect(faultsOf(s3({ partitionBy: { column: 'at', unit }, keyTemplate }))).toEqual([]);
  });

  it.each([
    ['day', '{date}/{task}', /must have \{record_date\} or \{record_year\}.*so that each day gets/],
    ['day', '{record_year}/{record_month}/{task}', /must have \{record_date\} or/],
    ['hour', '{record_date}/{task}', /must have \{record_date\} \{record_hour\} or .*each hour/],
    ['hour', '{record_hour}/{task}', /must have \{record_date\} \{record_hour\} or/],
    ['month', '{record_date}/{record_day}/{task}', /must not have \{record_day\} .* is month/],
    ['day', '{record_date}/{record_hour}/{task}', /must not have \{record_hour\} .* is day/],
    ['day', '{record_colour}/{task}', /must use .* got \{record_colour\}/],
  ])('must not, for a %s, be %s', (unit, keyTemplate, fault) => {
    const faults = faultsOf(s3({ partitionBy: { column: 'at', unit }, keyTemplate }));
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults[0]).toMatch(/^destination\.s3\.keyTemplate: /);
  });

  it('must not name a date of rows without it', () => {
    const given = { bucket: 'lake', keyTemplate: '{record_date}/{task}' };
    expect(faultsOf({ s3: given })).toEqual([
      'destination.s3.keyTemplate: must not have {record_date} in it without partitionBy',
    ]);
  });
});

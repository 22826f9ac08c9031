import { describe, expect, it } from 'vitest';
import { faultsOf, minimal, withFile } from './example-specs.ts';

describe('format, columns and destination', () => {
  it('fit together', () => {
    const csv = { type: 'csv', columns: ['a', 'b'] };
    expect(faultsOf(withFile({ format: 'csv' }, { columns: 'a, b' }))).toEqual([]);
    expect(faultsOf(withFile({}, { format: csv, columns: 'b' }))).toEqual([]);
    expect(faultsOf(withFile({ format: 'csv' }, { format: { type: 'csv' } }))).toEqual([]);
    expect(
      faultsOf(withFile({ format: 'csv', metadata: ['_key'] }, { format: { type: 'raw' } })),
    ).toEqual([]);
  });

  it.each([
    [
      'json into csv without columns',
      withFile({ format: 'csv' }),
      'columns: must name the columns to write when JSON is loaded into csv',
    ],
    [
      'csv into ndjson without names',
      withFile({}, { format: { type: 'csv' } }),
      'format.columns: must name the fields when CSV is loaded into ndjson',
    ],
    [
      'metadata beside raw bytes in ndjson',
      withFile({ metadata: ['_key'] }, { format: { type: 'raw' } }),
      'destination.file.metadata: cannot be added to raw bytes in ndjson; use format json or csv, or destination format csv',
    ],
    [
      'columns of raw values',
      withFile({}, { format: { type: 'raw' }, columns: 'a' }),
      'columns: cannot be given for format raw, whose only column is value',
    ],
    [
      'a repeated metadata column',
      withFile({ metadata: ['_key', '_key'] }),
      'destination.file.metadata: must not repeat a column',
    ],
    [
      'a column without its expression',
      { ...minimal, columns: 'a, late = ' },
      'columns: must be column names, or name = expression, with commas between them, got "late ="',
    ],
    [
      'an empty name among the columns',
      { ...minimal, columns: 'a,,b' },
      'columns: must be column names, or name = expression, with commas between them, got ""',
    ],
    ['a repeated column', { ...minimal, columns: 'a, a' }, 'columns: must not repeat a column'],
    [
      'a repeated field of csv',
      withFile({}, { format: { type: 'csv', columns: ['a', 'a'] } }),
      'format.columns: must not repeat a column',
    ],
    [
      'columns that the csv values do not have',
      withFile({}, { format: { type: 'csv', columns: ['a'] }, columns: 'a, b' }),
      'columns: must be among format.columns, got "b"',
    ],
    [
      'a separator that encloses',
      withFile({ format: 'csv' }, { format: { type: 'csv', columnSeparator: '"' } }),
      'format.columnSeparator: must differ from enclose and escape',
    ],
    [
      'a separator of two characters',
      withFile({ format: 'csv' }, { format: { type: 'csv', columnSeparator: '||' } }),
      'format.columnSeparator: must be one printable ASCII character or a tab',
    ],
  ])('do not fit for %s', (_, given, fault) => {
    expect(faultsOf(given)).toEqual([fault]);
  });

  it.each([['../x'], ['a/b'], ['.hidden'], ['_staging'], [''], ['x'.repeat(129)]])(
    'have no table %j',
    (table) => {
      expect(faultsOf(withFile({ table }))).toEqual([
        'destination.file.table: must be 1-128 of A-Z a-z 0-9 _ . -',
      ]);
    },
  );
});

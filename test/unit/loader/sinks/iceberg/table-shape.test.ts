import { describe, expect, it } from 'vitest';
import { partitionValue } from '../../../../../functions/loader/sinks/iceberg/partition-value.ts';
import { tableShape } from '../../../../../functions/loader/sinks/iceberg/table-columns.ts';
import { NO_PERIOD } from '../../../../../functions/loader/sinks/period.ts';
import { madeTable } from './made-tables.ts';

const nested = { type: 'struct', fields: [] };
const tableOf = (types: readonly unknown[], parts: readonly object[] = [], more = {}) =>
  madeTable({
    schemas: [
      {
        'schema-id': 0,
        fields: types.map((type, i) => ({ id: i + 1, name: `c${i + 1}`, required: i === 0, type })),
      },
    ],
    'partition-specs': [
      { 'spec-id': 0, fields: parts.map((part) => ({ name: 'p', 'field-id': 1000, ...part })) },
    ],
    ...more,
  });

describe('columns of a table', () => {
  it.each([
    ['boolean', 'BOOLEAN'],
    ['int', 'INTEGER'],
    ['long', 'BIGINT'],
    ['float', 'FLOAT'],
    ['double', 'DOUBLE'],
    ['decimal(38, 10)', 'DECIMAL(38,10)'],
    ['decimal(9,2)', 'DECIMAL(9,2)'],
    ['date', 'DATE'],
    ['time', 'TIME'],
    ['timestamp', 'TIMESTAMP'],
    ['timestamptz', 'TIMESTAMPTZ'],
    ['string', 'VARCHAR'],
    ['uuid', 'UUID'],
    ['binary', 'BLOB'],
    ['fixed[16]', undefined],
    ['timestamp_ns', undefined],
    ['toString', undefined],
    [nested, undefined],
  ])('of type %j are written as %s', (type, sql) => {
    const { columns } = tableShape(tableOf([type]));
    const told = typeof type === 'string' ? type : 'struct';
    expect(columns).toEqual([{ name: 'c1', fieldId: 1, told, type: sql, isRequired: true }]);
  });

  it('are those of the current schema', () => {
    const fields = [{ id: 9, name: 'new', required: false, type: 'int' }];
    const schemas = [...tableOf(['int']).schemas, { 'schema-id': 3, fields }];
    const { columns } = tableShape(madeTable({ schemas, 'current-schema-id': 3 }));
    expect(columns.map(({ name }) => name)).toEqual(['new']);
  });

  it.each([1, 3])('of format version %i are not written', (version) => {
    const fault = `format version of the table must be 2, got ${version}`;
    expect(() => tableShape(madeTable({ 'format-version': version }))).toThrow(fault);
  });
});

describe('partitions', () => {
  it.each(['month', 'day', 'hour'])('by %s of one column keep rows apart', (transform) => {
    const parts = [{ transform, 'source-id': 2 }];
    const { partitionBy } = tableShape(tableOf(['int', 'timestamptz'], parts));
    expect(partitionBy).toEqual({ column: 'c2', unit: transform });
  });

  it.each([
    [[{ transform: 'identity', 'source-id': 2 }], 'p (identity)'],
    [[{ transform: 'year', 'source-id': 2 }], 'p (year)'],
    [[{ transform: 'day', 'source-id': 1 }], 'p (day)'],
    [
      [
        { transform: 'day', 'source-id': 2 },
        { name: 'q', transform: 'bucket[4]', 'source-id': 1 },
      ],
      'p (day), q (bucket[4])',
    ],
  ])('as %j are refused', (parts, got) => {
    const fault = `partitions of the table must be by the month, day, hour of one column, got ${got}`;
    expect(() => tableShape(tableOf(['int', 'date'], parts))).toThrow(fault);
  });

  it.each([
    ['1970-01', 0],
    ['1969-12', -1],
    ['2026-11', 682],
    ['0001-01', -23_628],
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2026-11-22', 20_779],
    ['0099-12-31', -683_004],
    ['1970-01-01T01', 1],
    ['1969-12-31T23', -1],
    ['2026-11-22T05', 498_701],
    [NO_PERIOD, null],
  ])('of %s have the number %d', (period, number) => {
    expect(partitionValue(period)).toBe(number);
  });
});

import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { avroSchema } from '../../../../../functions/loader/values/avro/avro-schema.ts';
import { confluentFraming } from '../../../../../functions/loader/values/confluent-framing.ts';
import { jsonSchema } from '../../../../../functions/loader/values/json-schema/json-schema.ts';
import { protobufSchema } from '../../../../../functions/loader/values/protobuf/protobuf-schema.ts';
import type { ValueSchema } from '../../../../../functions/loader/values/value-schema.ts';
import { confluentFrame } from '../../../../support/registry/frames.ts';
import { type Given, transformed } from '../transformed.ts';
import { readParquet } from './read-parquet.ts';

/** Values that name their schemas by their places in a list. */
async function rowsOf(
  schemas: readonly ValueSchema[],
  values: readonly (readonly [schema: number, ...parts: readonly Uint8Array[]])[],
  { type = 'avro', ...given }: Given & { type?: 'avro' | 'protobuf' | 'json-schema' } = {},
) {
  const registry = { confluent: { url: 'http://127.0.0.1:8081' } };
  const result = await transformed(
    {
      file: { format: 'parquet' },
      format: { type, registry },
      reading: {
        framing: confluentFraming({ hasMessage: type === 'protobuf' }),
        schemas: {
          get: (id) => schemas[Number(id)],
          load: async () => {},
          forgetMissing: () => {},
        },
      },
      ...given,
    },
    values.map((parts) => ({ value: confluentFrame(...parts) })),
  );
  const rows = await readParquet(result, 'select columns(*)::varchar from $file');
  return { types: result.types, rows, bad: result.letters };
}

/** A version of Avro's record with these fields, and its values. */
function version(fields: Readonly<Record<string, unknown>>) {
  const schema = {
    type: 'record',
    name: 'Row',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  };
  const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'always' });
  return {
    schema: avroSchema({ text: JSON.stringify(schema), references: [] }),
    value: (row: object) => type.toBuffer(row),
  };
}

describe('versions of a schema in a sample', () => {
  const first = version({ n: 'int', x: 'float', id: 'string' });
  const second = version({ id: 'string', n: 'long', more: ['null', 'boolean'], x: 'double' });
  const schemas = [first.schema, second.schema];

  it('make columns that are wide enough for both, in the order in which they come', async () => {
    const { types, rows, bad } = await rowsOf(schemas, [
      [0, first.value({ n: -1, x: 0.5, id: '7' })],
      [1, second.value({ id: 'b', n: 2 ** 40, more: null, x: 1e300 })],
    ]);
    expect(bad).toEqual([]);
    expect(Object.entries(types!)).toEqual([
      ['n', 'BIGINT'],
      ['x', 'DOUBLE'],
      ['id', 'VARCHAR'],
      ['more', 'BOOLEAN'],
    ]);
    expect(rows).toEqual([
      ['-1', '0.5', '7', null],
      ['1099511627776', '1e+300', 'b', null],
    ]);
  });

  it('leave what they disagree about to the values', async () => {
    const whole = version({ n: 'long', s: 'long' });
    const broken = version({ n: 'double', s: 'string' });
    const { types } = await rowsOf(
      [whole.schema, broken.schema],
      [
        [0, whole.value({ n: 1, s: 1 })],
        [1, broken.value({ n: 2.5, s: '2' })],
      ],
    );
    expect(types).toEqual({ n: 'DOUBLE', s: 'VARCHAR' });
  });
});

describe('a version behind the sample', () => {
  const first = version({ n: 'int', x: 'float' });
  const second = version({ n: 'long', x: 'double', more: 'string' });
  const schemas = [first.schema, second.schema];
  const one = [0, first.value({ n: 1, x: 0.5 })] as const;

  it('fills the columns that there are where its values fit, and leaves its new fields out', async () => {
    const values = [
      { n: 2, x: 0.25, more: 'new' },
      { n: -(2 ** 31), x: 100_000_002_004_087_730_000, more: '' },
      { n: 3, x: -0.1, more: '' },
    ].map((row) => [1, second.value(row)] as const);
    const { types, rows, bad } = await rowsOf(schemas, [one, ...values], { sampled: 1 });
    expect(types).toEqual({ n: 'INTEGER', x: 'FLOAT' });
    expect(bad).toEqual([]);
    expect(rows.map(([n]) => n)).toEqual(['1', '2', '-2147483648', '3']);
    expect(rows.map(([, x]) => Math.fround(Number(x)))).toEqual(
      [0.5, 0.25, 100_000_002_004_087_730_000, -0.1].map(Math.fround),
    );
  });

  it.each([
    { n: 2 ** 31, x: 0 },
    { n: 0, x: 0.1234567 + 1e-9 },
    { n: 0, x: 16_777_217 },
    { n: 0, x: 1e300 },
    { n: 0, x: 1e-60 },
  ])('makes a bad row of %j, which they do not hold exactly', async (row) => {
    const value = [1, second.value({ ...row, more: '' })] as const;
    const { rows, bad } = await rowsOf(schemas, [one, value], { sampled: 1 });
    expect(rows).toHaveLength(1);
    expect(bad).toMatchObject([{ reason: expect.stringContaining('without loss') }]);
  });

  it('makes bad rows where new fields are refused', async () => {
    const value = [1, second.value({ n: 1, x: 1, more: '' })] as const;
    const policies = { unknownColumns: 'reject' as const };
    const { bad } = await rowsOf(schemas, [one, value], { sampled: 1, policies });
    expect(bad).toMatchObject([{ reason: expect.stringContaining('is not a known field') }]);
  });
});

it('declared types count before those of the schema', async () => {
  const { schema, value } = version({ a: 'long', b: 'bytes', c: 'int' });
  const types = { a: 'VARCHAR', c: 'DECIMAL(12,2)', '*': 'infer' };
  const found = await rowsOf([schema], [[0, value({ a: 1, b: Buffer.from('b'), c: 5 })]], {
    types,
  });
  expect(found.types).toEqual({ a: 'VARCHAR', b: 'VARCHAR', c: 'DECIMAL(12,2)' });
  expect(found.rows).toEqual([['1', 'Yg==', '5.00']]);
});

describe('a value that speaks against the schema’s word', () => {
  it('makes text of what is called a UUID and is none', async () => {
    const { schema, value } = version({ id: { type: 'string', logicalType: 'uuid' } });
    const { types, rows } = await rowsOf([schema], [[0, value({ id: 'none' })]]);
    expect(types).toEqual({ id: 'VARCHAR' });
    expect(rows).toEqual([['none']]);
  });

  it('is a bad row behind the sample', async () => {
    const { schema, value } = version({ id: { type: 'string', logicalType: 'uuid' } });
    const uuid = '00112233-4455-6677-8899-aabbccddeeff';
    const { rows, bad } = await rowsOf(
      [schema],
      [uuid, '{00112233-4455-6677-8899-aabbccddeeff}', 'x'].map(
        (id) => [0, value({ id })] as const,
      ),
      { sampled: 1 },
    );
    expect(rows).toEqual([[uuid]]);
    expect(bad).toHaveLength(2);
  });

  it.each([
    [{ type: 'integer' }, ['1', '2'], 'BIGINT'],
    [{ type: 'integer' }, ['12345678901234567890'], 'DECIMAL(38,0)'],
    [{ type: 'number' }, ['1', '2'], 'DOUBLE'],
    [{ type: 'number' }, ['9007199254740993'], 'BIGINT'],
    [{ type: 'number' }, ['0.1234567890123456'], 'DOUBLE'],
    [{ type: 'number' }, ['0.12345678901234567891'], 'DECIMAL(38,20)'],
    [{ type: 'string' }, ['"2026-01-31"'], 'VARCHAR'],
    [{ type: 'string', format: 'date' }, ['"2026-01-31"'], 'DATE'],
    [{ type: 'string', format: 'date-time' }, ['"2026-01-31T10:00:00.5+02:00"'], 'TIMESTAMPTZ'],
    [{ type: 'string', format: 'date-time' }, ['"2026-01-31T10:00:00.123456789Z"'], 'VARCHAR'],
    [{ type: 'string', format: 'uuid' }, ['"00112233-4455-6677-8899-AABBccddeeff"'], 'UUID'],
    [{ type: ['null', 'integer'] }, ['null'], 'BIGINT'],
    [{ type: ['null', 'array'] }, ['null'], 'JSON'],
    [{ minLength: 2 }, ['"2026-01-31"'], 'DATE'],
  ])('decides with %j and %j for %s', async (property, values, expected) => {
    const text = JSON.stringify({ type: 'object', properties: { v: property, absent: property } });
    const schema = jsonSchema({ text, references: [] });
    const { types, rows, bad } = await rowsOf(
      [schema],
      values.map((value) => [0, Buffer.from(`{"v":${value}}`)] as const),
      { type: 'json-schema' },
    );
    expect(bad).toEqual([]);
    expect(types!.v).toBe(expected);
    expect(rows).toHaveLength(values.length);
  });
});

describe('messages of Protobuf', () => {
  const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto";
    message M { optional uint64 n = 1; google.protobuf.Timestamp at = 2; repeated int32 list = 3; }`;
  const schema = protobufSchema({ text, references: [] });
  const FIRST = Buffer.from([0]);
  const rows = (...values: readonly number[][]) =>
    rowsOf(
      [schema],
      values.map((bytes) => [0, FIRST, Buffer.from(bytes)] as const),
      {
        type: 'protobuf',
      },
    );

  it('have columns for fields that were never set', async () => {
    const found = await rows([]);
    expect(found.types).toEqual({ n: 'UBIGINT', at: 'TIMESTAMPTZ', list: 'JSON' });
    expect(found.rows).toEqual([[null, null, '[]']]);
  });

  it('keep the largest number, and nanoseconds as text', async () => {
    const largest = [0x08, ...Array.from({ length: 9 }, () => 0xff), 0x01];
    const nanos = [0x12, 0x04, 0x08, 0x01, 0x10, 0x01];
    const found = await rows(largest, nanos);
    expect(found.types).toEqual({ n: 'UBIGINT', at: 'VARCHAR', list: 'JSON' });
    expect(found.rows).toEqual([
      ['18446744073709551615', null, '[]'],
      [null, '1970-01-01T00:00:01.000000001Z', '[]'],
    ]);
  });
});

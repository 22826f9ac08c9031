import { describe, expect, it } from 'vitest';
import { avroSchema } from '../../../../functions/loader/values/avro/avro-schema.ts';
import { saidOf } from './said.ts';

const saidOfSchema = (schema: unknown) =>
  saidOf(avroSchema({ text: JSON.stringify(schema), references: [] }).fields());
const said = (type: unknown) =>
  saidOfSchema({ type: 'record', name: 'Row', fields: [{ name: 'v', type }] }).v;

const decimal = (precision: unknown, scale?: unknown) => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
});
const inner = (name: string) => ({ type: 'record', name, fields: [] });

describe('the type of a field of Avro', () => {
  it.each([
    [['null', 'long'], 'BIGINT'],
    [['double', 'null'], 'DOUBLE'],
    [['null', decimal(12, 2)], 'DECIMAL(12,2)'],
    [['int', 'long'], 'BIGINT'],
    [['int', 'double'], 'DOUBLE'],
    [['null', inner('A'), inner('B')], 'JSON'],
    [['null', inner('A'), { type: 'array', items: 'int' }], 'JSON'],
    [['long', 'string'], 'VARCHAR'],
    [['boolean', 'long', 'double'], 'VARCHAR'],
    [['string', inner('A')], 'VARCHAR'],
    [['long', 'double'], 'anything'],
    ['null', 'null'],
    [['null'], 'null'],
  ])('of the union %j is %s', (type, expected) => {
    expect(said(type)).toBe(expected);
  });

  it.each([
    [decimal(9, 2), 'DECIMAL(9,2)'],
    [decimal(38), 'DECIMAL(38,0)'],
    [decimal(5, 5), 'DECIMAL(5,5)'],
    // More digits than a DECIMAL has.
    [decimal(39, 2), 'VARCHAR'],
    // Values are numbers still, of which the schema does not say how many digits they have.
    [decimal(undefined, 2), 'anything'],
    [decimal(0), 'anything'],
    [decimal(2, 3), 'anything'],
    // None of Avro's own decimals, and read as the bytes that it is.
    [decimal(9, -1), 'VARCHAR'],
    [{ type: 'string', logicalType: 'uuid' }, 'UUID?'],
    [{ type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' }, 'UUID'],
    [{ type: 'fixed', name: 'D', size: 12, logicalType: 'duration' }, 'VARCHAR'],
    [{ type: 'long', logicalType: 'timestamp-nanos' }, 'VARCHAR'],
    [{ type: 'long', logicalType: 'local-timestamp-nanos' }, 'VARCHAR'],
    [{ type: 'long', logicalType: 'money' }, 'BIGINT'],
    [{ type: 'int', logicalType: 'timestamp-millis' }, 'INTEGER'],
    [{ type: 'string', logicalType: 'date' }, 'VARCHAR'],
  ])('of %j is %s', (type, expected) => {
    expect(said(type)).toBe(expected);
  });

  it('that refers to its own record is JSON', () => {
    const fields = [{ name: 'next', type: ['null', 'Node'] }];
    expect(saidOfSchema({ type: 'record', name: 'Node', fields })).toEqual({ next: 'JSON' });
  });
});

describe('the fields of Avro', () => {
  const branch = (name: string, ...fields: object[]) => ({ type: 'record', name, fields });

  it('of several records are united', () => {
    const first = branch('A', { name: 'id', type: 'int' }, { name: 'a', type: 'boolean' });
    const second = branch('B', { name: 'b', type: 'bytes' }, { name: 'id', type: 'long' });
    expect(saidOfSchema(['null', first, second])).toEqual({
      id: 'BIGINT',
      a: 'BOOLEAN',
      b: 'VARCHAR',
    });
  });

  it.each([['"string"'], ['{"type":"map","values":"int"}'], ['{"type":"array","items":"int"}']])(
    'are none where values are %s',
    (text) => {
      expect(saidOf(avroSchema({ text, references: [] }).fields())).toEqual({});
    },
  );
});

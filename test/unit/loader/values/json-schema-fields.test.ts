import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../../functions/loader/values/json-schema/json-schema.ts';
import { saidOf } from './said.ts';

const fieldsOf = (schema: unknown, references: { name: string; text: string }[] = []) =>
  saidOf(jsonSchema({ text: JSON.stringify(schema), references }).fields());
const said = (schema: unknown, more: object = {}) =>
  fieldsOf({ ...more, properties: { v: schema } }).v;

const DRAFT_4 = 'http://json-schema.org/draft-04/schema#';

describe('the type of a field of a JSON Schema', () => {
  it.each([
    [{ type: 'boolean' }, 'BOOLEAN'],
    [{ type: 'integer' }, 'BIGINT?'],
    [{ type: 'number' }, 'DOUBLE?'],
    [{ type: 'string' }, 'VARCHAR'],
    [{ type: 'string', format: 'date' }, 'DATE?'],
    [{ type: 'string', format: 'date-time' }, 'TIMESTAMPTZ?'],
    [{ type: 'string', format: 'uuid' }, 'UUID?'],
    [{ type: 'string', format: 'time' }, 'VARCHAR'],
    [{ type: 'string', format: 'email' }, 'VARCHAR'],
    [{ type: 'object' }, 'JSON'],
    [{ type: 'array' }, 'JSON'],
    [{ type: ['null', 'integer'] }, 'BIGINT?'],
    [{ type: ['string', 'null'], format: 'date' }, 'DATE?'],
    [{ type: ['integer', 'string'] }, 'VARCHAR'],
    [{ type: 'null' }, 'null'],
    [{ oneOf: [{ type: 'null' }, { type: 'boolean' }] }, 'BOOLEAN'],
    [{ anyOf: [{ type: 'integer' }, { type: 'object' }] }, 'VARCHAR'],
    [{ anyOf: [{ type: 'integer' }, {}] }, 'anything'],
    [{ allOf: [{ minLength: 1 }, { type: 'string' }] }, 'VARCHAR'],
    [{ enum: ['a', 'b', null] }, 'VARCHAR'],
    [{ enum: [1, 2] }, 'BIGINT?'],
    [{ const: true }, 'BOOLEAN'],
    [{ minimum: 3 }, 'anything'],
    [{ properties: { n: { type: 'integer' } } }, 'anything'],
    [{}, 'anything'],
    [true, 'anything'],
  ])('of %j is %s', (schema, expected) => {
    expect(said(schema)).toBe(expected);
  });

  it.each([
    ['#/definitions/day', 'DATE?'],
    ['#/definitions/a~1b%20c', 'BOOLEAN'],
    ['#/definitions/itself', 'BIGINT?'],
    ['#', 'anything'],
  ])('is that of what %s refers to', ($ref, expected) => {
    const definitions = {
      day: { type: 'string', format: 'date' },
      'a/b c': { type: 'boolean' },
      itself: { anyOf: [{ type: 'integer' }, { $ref: '#/definitions/itself' }, { type: 'null' }] },
    };
    expect(said({ $ref }, { definitions })).toBe(expected);
  });

  it.each([
    {},
    { $id: 'https://example.com/a/order.json' },
    { $schema: DRAFT_4, id: 'http://example.com/o' },
  ])('is that of another document’s part, which has references of its own, with %o', (base) => {
    const text = JSON.stringify({
      $schema: (base as { $schema?: string }).$schema,
      definitions: { id: { $ref: '#/definitions/number' }, number: { type: 'integer' } },
    });
    const fields = fieldsOf({ ...base, properties: { v: { $ref: 'ids.json#/definitions/id' } } }, [
      { name: 'ids.json', text },
    ]);
    expect(fields).toEqual({ v: 'BIGINT?' });
  });

  it('is not known by a reference to a name, or to a part with an address of its own', () => {
    const definitions = {
      named: { $id: '#named', type: 'string' },
      placed: { $id: 'https://example.com/placed.json', $ref: '#/definitions/x' },
    };
    const $id = 'https://example.com/root.json';
    const more = { $id, definitions: { ...definitions, x: { type: 'integer' } } };
    expect(said({ $ref: '#named' }, more)).toBe('anything');
    expect(said({ $id: 'https://example.com/v.json', type: 'string' })).toBe('anything');
  });

  it('takes no time without end, however parts refer to each other', () => {
    const names = Array.from({ length: 30 }, (_, n) => `d${n}`);
    const all = names.map((name) => ({ $ref: `#/definitions/${name}` }));
    const definitions = Object.fromEntries(names.map((name) => [name, { anyOf: all }]));
    expect(said({ $ref: '#/definitions/d0' }, { definitions })).toBe('anything');
  });
});

describe('the fields of a JSON Schema', () => {
  it('stand in its properties, wherever these are', () => {
    const schema = {
      $ref: '#/definitions/order',
      definitions: {
        order: {
          type: 'object',
          properties: { id: { type: 'string' } },
          allOf: [{ $ref: '#/definitions/timed' }, { properties: { id: true } }],
          oneOf: [
            { properties: { price: { type: 'integer' }, card: { type: 'string' } } },
            { properties: { price: { type: 'null' }, voucher: { type: 'object' } } },
          ],
        },
        timed: { properties: { at: { type: 'string', format: 'date-time' } } },
      },
    };
    expect(fieldsOf(schema)).toEqual({
      id: 'VARCHAR',
      at: 'TIMESTAMPTZ?',
      price: 'BIGINT?',
      card: 'VARCHAR?',
      voucher: 'JSON?',
    });
  });

  it.each([
    ['http://json-schema.org/draft-07/schema#', { a: 'BOOLEAN', b: 'anything' }],
    ['https://json-schema.org/draft/2020-12/schema', { c: 'JSON', a: 'BOOLEAN', b: 'VARCHAR' }],
  ])('stand beside a reference by the drafts after 7 only, as by %s', ($schema, expected) => {
    const schema = {
      $schema,
      $ref: '#/definitions/base',
      properties: { c: { type: 'object' } },
      definitions: {
        base: {
          properties: { a: { type: 'boolean' }, b: { $ref: '#/definitions/any', type: 'string' } },
        },
        any: {},
      },
    };
    expect(fieldsOf(schema)).toEqual(expected);
  });

  it.each([[{}], [true], [{ type: 'array', items: { properties: { a: {} } } }]])(
    'of %j are none',
    (schema) => {
      expect(fieldsOf(schema)).toEqual({});
    },
  );
});

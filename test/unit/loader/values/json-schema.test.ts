import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../../functions/loader/values/json-schema/json-schema.ts';
import { decodedText } from './decoded.ts';

const decode = (schema: unknown, text: string, references: { name: string; text: string }[] = []) =>
  decodedText(jsonSchema({ text: JSON.stringify(schema), references }), Buffer.from(text));

const DRAFTS = [
  undefined,
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

describe('jsonSchema', () => {
  it.each(DRAFTS)('passes on what fits, byte by byte, by %s', ($schema) => {
    const schema = { $schema, type: 'object', properties: { n: { type: 'integer' } } };
    const text = '{ "n":9007199254740993, "d":1.10 }';
    expect(decode(schema, text)).toBe(text);
  });

  it('names the place of what does not fit', () => {
    const schema = {
      properties: { order: { properties: { at: { type: 'string', format: 'date' } } } },
    };
    expect(() => decode(schema, '{"order":{"at":"yesterday"}}')).toThrow(
      'does not fit its schema at /order/at: must match format "date"',
    );
    expect(() => decode({ required: ['id'] }, '{}')).toThrow(/as a whole: must have required/);
    expect(() => decode({}, '{"n":')).toThrow('not valid JSON behind its frame');
  });

  it.each([{}, { $id: 'https://example.com/schemas/order.json' }])(
    'resolves references by their names, with %o',
    (base) => {
      const schema = { ...base, properties: { by: { $ref: 'customer.json' } } };
      const customer = { name: 'customer.json', text: '{"type":"object","required":["id"]}' };
      expect(decode(schema, '{"by":{"id":1}}', [customer])).toBe('{"by":{"id":1}}');
      expect(() => decode(schema, '{"by":{}}', [customer])).toThrow(/at \/by/);
    },
  );

  it('says of other drafts that they are not known', () => {
    const schema = { $schema: 'http://json-schema.org/draft-04/schema#' };
    expect(() => decode(schema, '{}')).toThrow(/draft must be 7, 2019-09 or 2020-12/);
  });
});

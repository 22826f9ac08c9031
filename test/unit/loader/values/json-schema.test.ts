import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../../functions/loader/values/json-schema/json-schema.ts';
import { decodedText } from './decoded.ts';

const decode = (schema: unknown, text: string, references: { name: string; text: string }[] = []) =>
  decodedText(jsonSchema({ text: JSON.stringify(schema), references }), Buffer.from(text));

const DRAFT_4 = 'http://json-schema.org/draft-04/schema#';
const DRAFT_6 = 'http://json-schema.org/draft-06/schema#';
const DRAFT_7 = 'http://json-schema.org/draft-07/schema#';
const DRAFTS = [
  undefined,
  DRAFT_4,
  DRAFT_6,
  DRAFT_7,
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

const refused = (schema: unknown, text: string) => {
  try {
    decode(schema, text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('jsonSchema', () => {
  it.each(DRAFTS)('passes on what fits, byte by byte, and refuses the rest, by %s', ($schema) => {
    const schema = { $schema, type: 'object', properties: { n: { type: 'integer' } } };
    const text = '{ "n":9007199254740993, "d":1.10 }';
    expect(decode(schema, text)).toBe(text);
    expect(() => decode(schema, '{"n":"1"}')).toThrow('at /n: must be integer');
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

  it('refuses what is nested too deep for a schema that refers to itself', () => {
    const schema = { properties: { child: { $ref: '#' } } };
    const nested = (depth: number) => `${'{"child":'.repeat(depth)}{}${'}'.repeat(depth)}`;
    expect(decode(schema, nested(100))).toBe(nested(100));
    expect(refused(schema, nested(100_000))).toBe(
      'is nested too deep to be held against its schema',
    );
  });

  it.each([
    {},
    { $id: 'https://example.com/schemas/order.json' },
    { $schema: DRAFT_6, $id: 'https://example.com/schemas/order.json' },
    { $schema: DRAFT_4, id: 'https://example.com/schemas/order.json' },
  ])('resolves references by their names, with %o', (base) => {
    const schema = { ...base, properties: { by: { $ref: 'customer.json' } } };
    const { $schema } = { $schema: undefined, ...base };
    const text = JSON.stringify({ $schema, type: 'object', required: ['id'] });
    const customer = { name: 'customer.json', text };
    expect(decode(schema, '{"by":{"id":1}}', [customer])).toBe('{"by":{"id":1}}');
    expect(() => decode(schema, '{"by":{}}', [customer])).toThrow(/at \/by/);
  });

  it('takes a schema of draft 6 that one of draft 7 refers to', () => {
    const referred = { name: 'n.json', text: JSON.stringify({ $schema: DRAFT_6, minimum: 1 }) };
    const schema = { $schema: DRAFT_7, properties: { n: { $ref: 'n.json' } } };
    expect(decode(schema, '{"n":1}', [referred])).toBe('{"n":1}');
    expect(() => decode(schema, '{"n":0}', [referred])).toThrow(/at \/n: must be >= 1/);
  });

  it('counts what stands beside a reference by the drafts after 7 only', () => {
    const judged = DRAFTS.map(($schema) => {
      const schema = {
        $schema,
        definitions: { any: { type: 'number' } },
        properties: { n: { $ref: '#/definitions/any', minimum: 5 } },
      };
      return refused(schema, '{"n":1}') === undefined;
    });
    expect(judged).toEqual([true, true, true, true, false, false]);
  });

  it('says of other drafts that they are not known', () => {
    const schema = { $schema: 'http://json-schema.org/draft-03/schema#' };
    expect(() => decode(schema, '{}')).toThrow(/draft must be 4, 6, 7, 2019-09 or 2020-12, got/);
  });
});

describe('jsonSchema by draft 4', () => {
  const limited = (limits: object) => ({ $schema: DRAFT_4, properties: { n: limits } });

  it.each([
    [{ minimum: 5 }, 4, 5, 'must be >= 5'],
    [{ minimum: 5, exclusiveMinimum: false }, 4, 5, 'must be >= 5'],
    [{ minimum: 5, exclusiveMinimum: true }, 5, 6, 'must be > 5'],
    [{ maximum: 5 }, 6, 5, 'must be <= 5'],
    [{ maximum: 5, exclusiveMaximum: true }, 5, 4, 'must be < 5'],
    [{ minimum: -1.5, maximum: 2.5 }, -2, 2.5, 'must be >= -1.5'],
  ])('keeps %o', (limits, wrong, right, words) => {
    expect(refused(limited(limits), `{"n":${right}}`)).toBeUndefined();
    expect(refused(limited(limits), '{"n":"no number"}')).toBeUndefined();
    expect(refused(limited(limits), `{"n":${wrong}}`)).toBe(
      `does not fit its schema at /n: ${words}`,
    );
  });

  it('finds parts of a schema by their `id`, and fields of that name are fields', () => {
    const schema = {
      $schema: DRAFT_4,
      id: 'http://example.com/root.json',
      definitions: { key: { id: '#key', type: 'string' } },
      properties: { id: { $ref: '#key' } },
      required: ['id'],
    };
    expect(decode(schema, '{"id":"a"}')).toBe('{"id":"a"}');
    expect(() => decode(schema, '{"id":1}')).toThrow('at /id: must be string');
  });

  it.each([
    [DRAFT_4, { const: 1 }],
    [DRAFT_4, { contains: { type: 'string' } }],
    [DRAFT_4, { propertyNames: { maxLength: 0 } }],
    [DRAFT_4, { if: { type: 'string' }, else: { type: 'null' } }],
    [DRAFT_6, { if: { type: 'string' }, else: { type: 'null' } }],
    [undefined, { id: 'n' }],
  ])('as every draft, does not know the words of others: %s, %o', ($schema, words) => {
    for (const value of ['2', '[2]', '{"two":2}']) {
      expect(decode({ $schema, properties: { n: words } }, `{"n":${value}}`)).toBe(
        `{"n":${value}}`,
      );
    }
  });

  it.each([
    [{ minimum: 5, exclusiveMinimum: 5 }, /exclusiveMinimum value must be \["boolean"\]/],
    [{ type: 'text' }, /type must be JSONType/],
    [{ required: 'id' }, /required value must be/],
    [{ $ref: '#/definitions/none' }, /can't resolve reference/],
  ])('says of %o that it is no schema', (wrong, why) => {
    expect(() => decode(limited(wrong), '{}')).toThrow(why);
    expect(() => decode(limited(wrong), '{}')).toThrow(/^no JSON Schema: /);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseColumns } from '#shared/domain/spec/column-list.ts';
import { scanExpression } from '#shared/domain/spec/expression-text.ts';
import { fieldType } from '#shared/domain/spec/field-type.ts';
import { mappingOf } from '#shared/domain/spec/mapping.ts';

describe('a list of columns', () => {
  it('has names and expressions, split where no bracket or quote is open', () => {
    const columns = `code, late = delay > 15,"US Gross", a = coalesce(b, 'x,"y'), "q""q" = [c, d], e = f = g`;
    expect(parseColumns(columns).items).toEqual([
      { name: 'code' },
      { name: 'late', expression: 'delay > 15' },
      { name: 'US Gross' },
      { name: 'a', expression: `coalesce(b, 'x,"y')` },
      { name: 'q"q', expression: '[c, d]' },
      { name: 'e', expression: 'f = g' },
    ]);
  });

  it.each([
    ['a,', 'got ""'],
    ['a b', 'got "a b"'],
    ['= b', 'got "= b"'],
    ['a > 1', 'got "a > 1"'],
    ['a <= 1', 'got "a <= 1"'],
    ['" a"', 'got'],
    ['a = (b', 'must be closed by )'],
    ['a = b)', 'must not close )'],
    ['a = (b]', 'must not close ]'],
    ["a = 'b", 'must close the quote at character 5'],
    ['a = b -- c', 'must not have comments'],
    ['a = b /* c */', 'must not have comments'],
    ['a = b; drop', 'must not have semicolons'],
    ['a = $$b$$', 'must not have dollar signs'],
    ["a = e'\\'b'", 'must not have escape strings'],
  ])('is refused as %s', (columns, fault) => {
    expect(parseColumns(columns)).toMatchObject({
      items: [],
      fault: expect.stringContaining(fault),
    });
  });

  it('stays in its parentheses: what is accepted closes all that it opens, and nothing more', () => {
    const part = fc.constantFrom('(', ')', '[', ']', '{', '}', "'", '"', "''", 'a', ' ', ',', '=');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        fc.pre(scanExpression(text).fault === undefined);
        const around = scanExpression(`(${text}\n), b`);
        expect(around).toEqual({ commas: [text.length + 3], assignments: [] });
      }),
    );
  });
});

describe('a type', () => {
  it.each([
    ['int', 'INTEGER'],
    ['decimal( 12, 2 )', 'DECIMAL(12,2)'],
    ['numeric(38,38)', 'DECIMAL(38,38)'],
    ['timestamp with time zone', 'TIMESTAMPTZ'],
    ['String', 'VARCHAR'],
  ])('%s is %s', (given, type) => {
    expect(fieldType.parse(given)).toBe(type);
  });

  it.each([
    ['NUMBER'],
    ['DECIMAL'],
    ['DECIMAL(39,0)'],
    ['DECIMAL(2,3)'],
    ['INTEGER[]'],
    ['toString'],
    [''],
  ])('%j is none', (given) => {
    expect(fieldType.safeParse(given).success).toBe(false);
  });
});

describe('rows are passed on by bytes', () => {
  const file = (more: object = {}) => ({
    destination: {
      file: { table: 't', format: 'ndjson' as const, header: true, metadata: [], ...more },
    },
    format: { type: 'json' as const },
  });

  it('where there is nothing to compute, to filter or to type', () => {
    expect(mappingOf(file())).toBeUndefined();
    expect(mappingOf({ ...file(), columns: 'a, b' })).toBeUndefined();
  });

  it.each([
    ['an expression', { columns: 'a, b = c' }],
    ['a filter', { where: 'a' }],
    ['types', { types: { a: 'INTEGER' } }],
    ['parquet', file({ format: 'parquet' })],
  ])('but not for %s', (_, more) => {
    expect(mappingOf({ ...file(), ...more })).toBeDefined();
  });
});

import { expect, it } from 'vitest';
import { compact } from '#shared/store/compact.ts';
import { marshall, unmarshall } from '#shared/store/marshall.ts';

it('every kind of value has its type', () => {
  expect(marshall({ s: '', n: -1.5, b: false, l: [1], m: { a: 'b' } })).toEqual({
    s: { S: '' },
    n: { N: '-1.5' },
    b: { BOOL: false },
    l: { L: [{ N: '1' }] },
    m: { M: { a: { S: 'b' } } },
  });
});

it.each([
  ['a bigint', 5n],
  ['a Map', new Map([[1, 2n]])],
  ['a Set', new Set([1])],
  ['a date', new Date(0)],
  ['null', null],
  ['undefined', undefined],
  ['a function', () => 1],
])('%s is refused, in an item and inside a list or a map', (_kind, value) => {
  for (const item of [{ a: value }, { a: [value] }, { a: { b: value } }]) {
    expect(() => marshall(item as never)).toThrow(TypeError);
  }
});

it('compacting leaves out absent fields and never turns a Map into an empty map', () => {
  const inner = new Map([[1, 2]]);
  expect(compact({ a: undefined, b: { c: undefined, d: 1 }, e: inner })).toEqual({
    b: { d: 1 },
    e: inner,
  });
});

it('a type that the store never writes is refused when it is read', () => {
  expect(() => unmarshall({ a: { NULL: true } })).toThrow('NULL');
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergePatch } from '../../../functions/api/merge-patch.ts';

describe('the examples of RFC 7396, appendix A', () => {
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j patched with %j is %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

test('a field named __proto__ stays a field and changes no prototype', () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__": {"a": 1}}')) as object;

  expect(Object.keys(patched)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
});

const withoutNull = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('null'));

test('patching twice is patching once, and leaves its arguments alone', () => {
  fc.assert(
    fc.property(withoutNull, fc.jsonValue(), (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
      expect(JSON.stringify([target, patch])).toBe(before);
    }),
  );
});

test('a value patched with itself, or with nothing, stays as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), withoutNull), (value) => {
      expect(mergePatch(value, value)).toEqual(value);
      expect(mergePatch(value, {})).toEqual(value);
    }),
  );
});

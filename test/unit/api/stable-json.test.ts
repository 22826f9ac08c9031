import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stableJson } from '../../../functions/api/stable-json.ts';

test('the order of fields changes nothing, at any depth; the order of a list does', () => {
  expect(stableJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  expect(stableJson([1, 2])).not.toBe(stableJson([2, 1]));
});

test('the text means the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

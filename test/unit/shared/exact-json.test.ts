import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExactJson } from '#shared/exact-json.ts';

it('numbers are written as they came, wherever they stand', () => {
  const text =
    '{"a":12345678901234567890,"b":[1.50,-0,1e3,{"c":0.1000000000000000055511}],"d":7,"e":"1.50"}';
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
});

it('numbers that JavaScript prints alike are numbers', () => {
  expect(parseExactJson('[1, -2.5, 9007199254740991]')).toEqual([1, -2.5, 9_007_199_254_740_991]);
});

it('whatever JavaScript itself writes is read as JavaScript reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseExactJson(text))).toBe(text);
      expect(parseExactJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

it('what is no JSON is refused', () => {
  expect(() => parseExactJson('{"a": 01}')).toThrow(SyntaxError);
});

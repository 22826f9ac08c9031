import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widestType } from '../../../../functions/loader/values/widest-type.ts';

const NUMBERS = ['INTEGER', 'UINTEGER', 'BIGINT', 'UBIGINT', 'FLOAT', 'DOUBLE'];
const decimal = fc
  .integer({ min: 1, max: 38 })
  .chain((p) => fc.integer({ min: 0, max: p }).map((s) => `DECIMAL(${p},${s})`));
const number = fc.oneof(fc.constantFrom(...NUMBERS), decimal);
const other = fc.constantFrom('BOOLEAN', 'VARCHAR', 'DATE', 'TIME', 'TIMESTAMPTZ', 'UUID', 'JSON');
const type = fc.option(fc.oneof(number, other), { nil: undefined });

describe('widestType', () => {
  it.each([
    ['INTEGER', 'BIGINT', 'BIGINT'],
    ['INTEGER', 'UINTEGER', 'BIGINT'],
    ['UINTEGER', 'UBIGINT', 'UBIGINT'],
    ['BIGINT', 'UBIGINT', 'DECIMAL(20,0)'],
    ['FLOAT', 'DOUBLE', 'DOUBLE'],
    ['UINTEGER', 'FLOAT', 'DOUBLE'],
    ['BIGINT', 'DOUBLE', undefined],
    ['DECIMAL(9,2)', 'DOUBLE', undefined],
    ['DECIMAL(9,2)', 'DECIMAL(6,4)', 'DECIMAL(11,4)'],
    ['DECIMAL(9,2)', 'BIGINT', 'DECIMAL(21,2)'],
    ['DECIMAL(38,0)', 'DECIMAL(38,38)', undefined],
    ['DATE', 'TIMESTAMPTZ', 'VARCHAR'],
    ['JSON', 'BIGINT', 'VARCHAR'],
    ['JSON', undefined, 'VARCHAR'],
    ['BIGINT', undefined, undefined],
  ])('of %s and %s is %s', (one, two, expected) => {
    expect(widestType(one, two)).toBe(expected);
  });

  it('does not depend on which comes first, and is wide enough for either again', () => {
    fc.assert(
      fc.property(type, type, (one, two) => {
        const widest = widestType(one, two);
        expect(widestType(two, one)).toBe(widest);
        expect(widestType(one, one)).toBe(one);
        expect(widestType(widest, one)).toBe(widest);
      }),
    );
  });

  it('of decimals has room for the digits of both, before the point and behind it', () => {
    const digits = (name: string) => {
      const [, p = 0, s = 0] = /^DECIMAL\((\d+),(\d+)\)$/.exec(name) ?? [];
      return { whole: Number(p) - Number(s), scale: Number(s) };
    };
    fc.assert(
      fc.property(decimal, decimal, (one, two) => {
        const widest = widestType(one, two);
        const [a, b] = [digits(one), digits(two)];
        const needed = Math.max(a.whole, b.whole) + Math.max(a.scale, b.scale);
        if (widest === undefined) expect(needed).toBeGreaterThan(38);
        else {
          expect(digits(widest).whole).toBeGreaterThanOrEqual(Math.max(a.whole, b.whole));
          expect(digits(widest).scale).toBeGreaterThanOrEqual(Math.max(a.scale, b.scale));
        }
      }),
    );
  });
});

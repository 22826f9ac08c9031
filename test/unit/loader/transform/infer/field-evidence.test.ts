import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FieldEvidence,
  type SampleValue,
} from '../../../../../functions/loader/transform/infer/field-evidence.ts';

function typeOf(values: readonly SampleValue[]): string {
  const evidence = new FieldEvidence();
  for (const value of values) evidence.add(value);
  return evidence.type;
}

const numbers = (...texts: string[]) => texts.map((text) => ({ kind: 'number', text }) as const);
const strings = (...texts: string[]) => texts.map((text) => ({ kind: 'string', text }) as const);

describe('numbers', () => {
  it.each([
    [['0', '-5', '42'], 'BIGINT'],
    [['9223372036854775807', '-9223372036854775808'], 'BIGINT'],
    [['9223372036854775808'], 'DECIMAL(38,0)'],
    [['-9223372036854775809', '1'], 'DECIMAL(38,0)'],
    [['9'.repeat(38)], 'DECIMAL(38,0)'],
    [['9'.repeat(39)], 'VARCHAR'],
    [['1.5', '2'], 'DOUBLE'],
    [['1.0'], 'DOUBLE'],
    [['1e3'], 'DOUBLE'],
    [['-0'], 'DOUBLE'],
    [['123456789012.345'], 'DOUBLE'],
    [['12345678901234.56'], 'DECIMAL(38,2)'],
    [['1.5', '12345678901234567'], 'DECIMAL(38,1)'],
    [['0.30000000000000004', '0.1'], 'DOUBLE'],
    [['0.12345678901234567890'], 'DECIMAL(38,19)'],
    [['1e400'], 'VARCHAR'],
    [['1e-400'], 'VARCHAR'],
    [['1.5e-300', '2'], 'DOUBLE'],
    [['1.234567890123456e-300'], 'DOUBLE'],
    [[`${'9'.repeat(30)}.123456789`], 'VARCHAR'],
    [['1234567890123456789e-10'], 'DECIMAL(38,10)'],
  ])('%j are %s', (texts, type) => {
    expect(typeOf(numbers(...texts))).toBe(type);
  });

  it.each(['007', '+1', '.5', '5.', '1_000', '0x10', ' 1', '١٢'])(
    'what only looks like one, %j, is text',
    (text) => {
      expect(typeOf(numbers(text))).toBe('VARCHAR');
    },
  );

  it('beside NaN and infinities are DOUBLE where doubles hold them', () => {
    expect(typeOf([...numbers('1.5'), ...strings('NaN', '-Infinity')])).toBe('DOUBLE');
    expect(typeOf([...numbers('12345678901234567'), ...strings('NaN')])).toBe('VARCHAR');
    expect(typeOf(strings('NaN'))).toBe('VARCHAR');
  });
});

describe('texts', () => {
  it.each([
    [['2026-02-28', '2024-02-29', '0001-01-01'], 'DATE'],
    [['2026-02-30'], 'VARCHAR'],
    [['2023-02-29'], 'VARCHAR'],
    [['0000-01-01'], 'VARCHAR'],
    [['2026-1-1'], 'VARCHAR'],
    [['20260101'], 'VARCHAR'],
    [['2026-01-01T10:00', '2026-01-01 10:00:00.123456'], 'TIMESTAMP'],
    [['2026-01-01T10:00:00.1234567'], 'VARCHAR'],
    [['2026-01-01T10:00:00.123456000'], 'TIMESTAMP'],
    [['2026-01-01T24:00:00'], 'VARCHAR'],
    [['2026-01-01T23:59:60'], 'VARCHAR'],
    [
      ['2026-01-01T10:00:00Z', '2026-01-01 10:00:00.5+02:00', '2026-01-01T10:00:00-0530'],
      'TIMESTAMPTZ',
    ],
    [['2026-01-01T10:00Z'], 'VARCHAR'],
    [['2026-01-01T10:00:00+15:00'], 'VARCHAR'],
    [['2026-01-01', '2026-01-01T10:00:00'], 'VARCHAR'],
    [['2026-01-01T10:00:00', '2026-01-01T10:00:00Z'], 'VARCHAR'],
    [['42'], 'VARCHAR'],
    [['true'], 'VARCHAR'],
    [[''], 'VARCHAR'],
  ])('%j are %s', (texts, type) => {
    expect(typeOf(strings(...texts))).toBe(type);
  });
});

describe('values', () => {
  it('of no kind, one kind and several', () => {
    expect(typeOf([])).toBe('VARCHAR');
    expect(typeOf([{ kind: 'boolean' }])).toBe('BOOLEAN');
    expect(typeOf([{ kind: 'json' }])).toBe('JSON');
    expect(typeOf([{ kind: 'json' }, ...strings('a')])).toBe('VARCHAR');
    expect(typeOf([{ kind: 'boolean' }, ...numbers('1')])).toBe('VARCHAR');
    expect(typeOf([...numbers('1'), ...strings('2026-01-01')])).toBe('VARCHAR');
  });

  const value = fc.oneof(
    fc.constantFrom<SampleValue>({ kind: 'boolean' }, { kind: 'json' }),
    fc.oneof(fc.bigInt(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((number) => ({
      kind: 'number' as const,
      text: String(number).replace('e+', 'e'),
    })),
    fc
      .oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      )
      .map((text) => ({
        kind: 'string' as const,
        text,
      })),
  );

  it('say the same in any order, and however often', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), fc.nat(), (values, seed) => {
        const turn = values.length === 0 ? 0 : seed % values.length;
        const turned = [...values.slice(turn), ...values.slice(0, turn), ...values];
        expect(typeOf(turned)).toBe(typeOf(values));
      }),
    );
  });

  it('that are doubles, printed as such, never need text or lose a digit', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(double, { minLength: 1, maxLength: 20 }), (values) => {
        const type = typeOf(numbers(...values.map((each) => JSON.stringify(each))));
        expect(type).toMatch(/^(BIGINT|DOUBLE|DECIMAL)/);
      }),
    );
  });
});

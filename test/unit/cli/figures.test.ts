import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { age, byteSize, counted, duration, grouped, oneLine } from '../../../cli/figures.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('text', () => {
  it.each([
    ['a\nb', 'a b'],
    ['\x1b[31mred\x1b[0m', ' [31mred [0m'],
    ['\x9b2J', ' 2J'],
    ['turned \u202egnirts', 'turned  gnirts'],
    ['äöü €, 漢字 and 𝄞 stay', 'äöü €, 漢字 and 𝄞 stay'],
  ])('%j becomes one line that steers nothing', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });
});

describe('figures', () => {
  it('of things are counted as people do', () => {
    expect([0, 1, 2, 1_000].map((count) => counted(count, 'task'))).toEqual([
      'no task',
      '1 task',
      '2 tasks',
      '1,000 tasks',
    ]);
  });

  it.each([
    [0, '0'],
    [1_234_567, '1,234,567'],
    [1.6, '2'],
    ['9223372036854775807', '9,223,372,036,854,775,807'],
    ['-1', '-1'],
  ])('%s is %s', (value, text) => {
    expect(grouped(value)).toBe(text);
  });

  it('of 64 bits keep every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(grouped(String(value)).replaceAll(',', '')).toBe(String(value));
      }),
    );
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [999_949, '999.9 KB'],
    [999_950, '1.0 MB'],
    [123_456_789, '123.5 MB'],
    [5e18, '5000.0 PB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(byteSize(bytes)).toBe(text);
  });
});

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [172_799_999, '47 h'],
    [172_800_000, '2 days'],
  ])('%i ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    ['2026-03-01T11:57:00Z', '3 min ago'],
    ['2026-03-01T11:59:59.001Z', 'now'],
    ['2026-03-01T12:00:00.999Z', 'now'],
    ['2026-03-01T12:00:12Z', 'in 12 s'],
    ['2025-03-01T12:00:00Z', '365 days ago'],
  ])('%s is %s', (time, text) => {
    expect(age(time, NOW)).toBe(text);
  });
});

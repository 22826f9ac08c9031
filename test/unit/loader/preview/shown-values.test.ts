import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  beginningOf,
  jsonBytes,
  shownRecord,
  shownRow,
} from '../../../../functions/loader/preview/shown-values.ts';
import { recordOf } from '../rows/record-of.ts';

it('a text that fits is itself, any other a beginning that fits and says so', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 8, max: 400 }),
      (text, most) => {
        const shown = beginningOf(text, most);
        expect(jsonBytes(shown)).toBeLessThanOrEqual(most);
        if (jsonBytes(text) <= most) expect(shown).toBe(text);
        else expect(text.startsWith(shown.slice(0, -1)) && shown.endsWith('…')).toBe(true);
      },
    ),
  );
});

it('a row that fits is itself with every digit, and no row takes more than it may', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 40, max: 2_000 }), (value, most) => {
      const text = JSON.stringify(value);
      const { row, isShortened } = shownRow(text, 'json', most);
      expect(jsonBytes(row)).toBeLessThanOrEqual(most);
      expect(isShortened).toBe(jsonBytes(JSON.parse(text)) > most);
      if (!isShortened) expect(JSON.stringify(row)).toBe(text);
    }),
  );
  expect(JSON.stringify(shownRow('{"a":1.50}', 'json', 100).row)).toBe('{"a":1.50}');
});

it('a long row loses the ends of its texts and lists before it loses its form', () => {
  const text = JSON.stringify({ id: 7, text: 'y'.repeat(5_000), list: Array(100).fill(1) });
  expect(shownRow(text, 'json', 400)).toEqual({
    row: {
      id: 7,
      text: expect.stringMatching(/^y{100,}…$/),
      list: [...Array(20).fill(1), '…'],
    },
    isShortened: true,
  });
  expect(shownRow(text, 'json', 60)).toEqual({
    row: expect.stringMatching(/^\{"id":7.*…$/),
    isShortened: true,
  });
});

it('what is no JSON, or is nested too deeply, is text', () => {
  expect(shownRow('no JSON', 'json', 100)).toEqual({ row: 'no JSON', isShortened: true });
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(shownRow(deep, 'json', 100).row).toMatch(/^\[+…$/);
  expect(shownRow('1,"a"', 'csv', 100)).toEqual({ row: '1,"a"', isShortened: false });
});

it('a record is its place and the beginnings of its key and value', () => {
  const given = {
    partition: 3,
    offset: 2n ** 62n,
    timestamp: 5,
    key: 'k',
    value: 'é'.repeat(2_000),
  };
  const shown = shownRecord(recordOf(given), 10_000);
  expect(shown).toEqual({
    partition: 3,
    offset: '4611686018427387904',
    timestamp: 5,
    key: 'k',
    value: expect.stringMatching(/^é+…$/),
    valueBytes: 4_000,
  });
  expect(jsonBytes(shown.value)).toBeLessThanOrEqual(1_024);
});

it('a value that is not UTF-8 is base64, one that is not there null, and empty bytes are an empty text', () => {
  const bytes = Buffer.from([0x61, 0xff, 0xfe]);
  expect(shownRecord(recordOf({ value: bytes }), 1_000)).toEqual({
    partition: 0,
    offset: '0',
    key: null,
    valueBase64: bytes.toString('base64'),
    valueBytes: 3,
  });
  expect(shownRecord(recordOf({ value: null, key: bytes }), 1_000)).toEqual({
    partition: 0,
    offset: '0',
    keyBase64: bytes.toString('base64'),
    value: null,
  });
  expect(shownRecord(recordOf({ value: '' }), 1_000)).toMatchObject({ value: '', valueBytes: 0 });
});

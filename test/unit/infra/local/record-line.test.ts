import { expect, it } from 'vitest';
import { recordOf } from '../../../../infra/local/record-line.ts';

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

it('a line is a value without a key, an empty one a value without bytes', () => {
  expect(recordOf(latin1('{"city":"Zürich"}'), {})).toEqual({
    key: null,
    value: Buffer.from('{"city":"Zürich"}'),
  });
  expect(recordOf('', {})).toEqual({ key: null, value: Buffer.alloc(0) });
});

it('bytes that are no UTF-8 stay as they are', () => {
  expect(recordOf('\xff\xfe', {}).value).toEqual(Buffer.from([0xff, 0xfe]));
});

it('the first separator ends the key, whatever characters it is of', () => {
  const format = { keySeparator: '→' };
  expect(recordOf(latin1('k→a→b'), format)).toEqual({
    key: Buffer.from('k'),
    value: Buffer.from('a→b'),
  });
  expect(() => recordOf('k;a', format)).toThrow(/key separator "→", one of 3 bytes has none/);
});

it('the text for null makes a tombstone, of a whole value only', () => {
  const format = { keySeparator: '|', nullText: 'NULL' };
  expect(recordOf('k|NULL', format)).toEqual({ key: Buffer.from('k'), value: null });
  expect(recordOf('k|NULLS', format).value).toEqual(Buffer.from('NULLS'));
});

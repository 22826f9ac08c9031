import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../../../infra/local/demo/csv-lines.ts';

describe('the CSV reader of the verification', () => {
  it.each([
    [
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a,1","say ""hi""","two\nlines"\n', [['a,1', 'say "hi"', 'two\nlines']]],
    [',,\n', [['', '', '']]],
    ['a,', [['a', '']]],
    ['""', [['']]],
    ['', []],
  ])('reads %j', (text, records) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it('reads back whatever is written with every field in quotes', () => {
    const fields = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }));
    fc.assert(
      fc.property(fields, (records) => {
        const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
        const text = records.map((record) => `${record.map(quoted).join(',')}\n`).join('');
        expect(parseCsv(text)).toEqual(records);
      }),
    );
  });
});

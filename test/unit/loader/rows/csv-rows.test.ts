import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonOf, rowsOf } from './rows-of.ts';

const toCsv = { format: { type: 'csv' }, file: { format: 'csv', header: false } } as const;

describe('csv into csv', () => {
  it('passes a row of RFC 4180 on unchanged, without the line end behind it', async () => {
    const { text } = await rowsOf(toCsv, ['a, "b" ,c', '"x,""y""",\n', ',,\r\n', '"",é\r']);
    expect(text).toBe('a," ""b"" ",c\n"x,""y""",\n,,\n"",é\n');
  });

  it('keeps a line break inside of an enclosed field', async () => {
    const { text } = await rowsOf(toCsv, ['1,"two\r\nlines",3']);
    expect(text).toBe('1,"two\r\nlines",3\n');
  });

  it.each([
    ['a\nb', 'line break outside of an enclosed field at byte 1: a value must be one row'],
    ['a,b\rc', 'line break outside of an enclosed field at byte 3: a value must be one row'],
    ['a\n\n', 'line break outside of an enclosed field at byte 1: a value must be one row'],
    ['a,"b', 'field 2 is enclosed and does not end'],
    ['a,"b""', 'field 2 is enclosed and does not end'],
    ['"', 'field 1 is enclosed and does not end'],
    ['"a"b,c', 'text behind the end of enclosed field 1 at byte 3'],
    ['"a"\n"b"', 'line break outside of an enclosed field at byte 3: a value must be one row'],
    [Buffer.from([0x61, 0xff]), 'not valid UTF-8'],
  ])('refuses %j and says why', async (value, reason) => {
    expect(await reasonOf(toCsv, value)).toBe(reason);
  });

  it('refuses another number of fields than the format names', async () => {
    const given = { ...toCsv, format: { type: 'csv' as const, columns: ['a', 'b'] } };
    expect(await reasonOf(given, '1,2')).toBeUndefined();
    expect(await reasonOf(given, '1,2,')).toBe('has 3 fields, must have 2');
    expect(await reasonOf(given, '1')).toBe('has 1 fields, must have 2');
  });

  it('writes another dialect anew', async () => {
    const format = { type: 'csv', columnSeparator: '\t', enclose: "'", escape: '\\' } as const;
    const { text } = await rowsOf({ ...toCsv, format }, [
      "a,b\t'it\\'s'\t''\t\tC:\\temp",
      "'tab\there'\t'say \"hi\"'\t'a''b'\t'back\\\\slash \\n'\t",
    ]);
    expect(text).toBe('"a,b",it\'s,"",,C:\\temp\ntab\there,"say ""hi""",a\'b,back\\slash \\n,\n');
  });

  it('picks columns by the names of the format', async () => {
    const format = { type: 'csv' as const, columns: ['a', 'b', 'c'] };
    const { text } = await rowsOf({ ...toCsv, format, columns: 'c, a' }, ['1,"x,y","z ""q"""']);
    expect(text).toBe('"z ""q""",1\n');
  });

  it('writes no empty line for a row of one empty field', async () => {
    const { text } = await rowsOf(toCsv, ['\n', 'a']);
    expect(text).toBe('""\na\n');
  });

  it('reads any fields back as they were, in any dialect', async () => {
    const dialect = fc.constantFrom(
      { type: 'csv' } as const,
      { type: 'csv', columnSeparator: ';', enclose: "'" } as const,
      { type: 'csv', columnSeparator: '|', escape: '\\' } as const,
      { type: 'csv', escape: '"' } as const,
    );
    const unit = fc.constantFrom(...'ab,;|"\'\\\n\r\té ');
    const fields = fc.array(fc.string({ unit, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(dialect, fields, async (format, values) => {
        const { enclose = '"', escape: escapeWith = enclose } = format as {
          enclose?: string;
          escape?: string;
        };
        const line = values
          .map((value) => {
            let inside = '';
            for (const c of value) {
              inside += c === enclose || c === escapeWith ? `${escapeWith}${c}` : c;
            }
            return `${enclose}${inside}${enclose}`;
          })
          .join('columnSeparator' in format ? format.columnSeparator : ',');
        const { text, statistics } = await rowsOf({ ...toCsv, format }, [line]);
        expect(statistics.badRows).toEqual([]);
        expect(parseRfc4180(text)).toEqual([values]);
      }),
    );
  });
});

describe('csv into ndjson', () => {
  it('makes objects of strings under the names of the fields', async () => {
    const { text } = await rowsOf({ format: { type: 'csv', columns: ['id', 'name'] } }, [
      '1,"say ""hi""\n\\ \t"',
      ',\u0001',
    ]);
    expect(text).toBe('{"id":"1","name":"say \\"hi\\"\\n\\\\ \\t"}\n{"id":"","name":"\\u0001"}\n');
  });

  it('writes the named columns only when columns are named', async () => {
    const format = { type: 'csv' as const, columns: ['a', 'b'] };
    const { text } = await rowsOf({ format, columns: 'b' }, ['1,2']);
    expect(text).toBe('{"b":"2"}\n');
  });

  it('refuses what is not UTF-8, which JSON cannot carry', async () => {
    const format = { type: 'csv' as const, columns: ['a'] };
    expect(await reasonOf({ format }, Buffer.from([0xe9]))).toBe('not valid UTF-8');
  });
});

/** A plain reader of RFC 4180, apart from the code under test. */
function parseRfc4180(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at += 1;
        field += text[at];
        at += 1;
      }
      at += 1;
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') {
        field += text[at];
        at += 1;
      }
    }
    row.push(field);
    if (text[at] === '\n') {
      rows.push(row);
      row = [];
    }
    at += 1;
  }
  return rows;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonOf, rowsOf } from './rows-of.ts';

describe('json into ndjson', () => {
  it('passes the bytes of an object on unchanged, white space around it left out', async () => {
    const { text } = await rowsOf({}, [
      ' {"b":9007199254740993,"a":1.10, "a":"\\u00e9é"}\r\n',
      '{"id":18446744073709551615}',
      '{}',
    ]);
    expect(text).toBe(
      '{"b":9007199254740993,"a":1.10, "a":"\\u00e9é"}\n{"id":18446744073709551615}\n{}\n',
    );
  });

  it('F27: keeps a value with raw line breaks one row, and its meaning', async () => {
    const { text } = await rowsOf({}, ['{\r\n  "a": "x\\n",\n  "n": 1.10\n}']);
    expect(text).toBe('{    "a": "x\\n",   "n": 1.10 }\n');
  });

  it('makes exactly one row of every object, however it is printed', async () => {
    const object = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.jsonValue(), {
      maxKeys: 6,
    });
    const objects = fc.array(object, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(objects, fc.constantFrom(0, 2, '\r\n\t'), async (values, indent) => {
        const { text } = await rowsOf(
          {},
          values.map((value) => JSON.stringify(value, null, indent)),
        );
        const lines = text.split('\n').slice(0, -1);
        expect(lines.map((line) => JSON.parse(line))).toEqual(
          values.map((value) => JSON.parse(JSON.stringify(value))),
        );
        expect(text).not.toContain('\r');
      }),
    );
  });

  it('writes the named columns only, in their order, when columns are named', async () => {
    const { text } = await rowsOf({ columns: 'delay, code, gone' }, [
      '{"code":"AA","x":[1],"delay":1.10}',
      '{"delay":{"min": \n1},"code":null}',
      '{"c\\u006fde":"escaped","code":"last"}',
    ]);
    expect(text).toBe(
      '{"delay":1.10,"code":"AA","gone":null}\n{"delay":{"min":  1},"code":null,"gone":null}\n{"delay":null,"code":"last","gone":null}\n',
    );
  });

  it.each([
    ['[1]', 'must be a JSON object, got an array'],
    ['"a"', 'must be a JSON object, got a string'],
    ['-1', 'must be a JSON object, got a number'],
    ['true', 'must be a JSON object, got a boolean'],
    ['null', 'must be a JSON object, got null'],
    ['not json', 'not valid JSON: unexpected n at byte 0'],
    [' \n', 'must be a JSON object, got white space only'],
    ['{"a":1', 'not valid JSON: ends too early, after 6 bytes'],
    ['{"a":}', 'not valid JSON: unexpected } at byte 5'],
    ['{"a":"\n"}', 'not valid JSON: unexpected 0xa at byte 6'],
    ['{"a":1}{}', 'not valid JSON: unexpected { at byte 7'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'not valid UTF-8'],
  ])('refuses %j and says why', async (value, reason) => {
    expect(await reasonOf({}, value)).toBe(reason);
  });
});

describe('json into csv', () => {
  const given = { columns: 'a, b', file: { format: 'csv', header: false } } as const;

  it('keeps numbers by their digits', async () => {
    const { text } = await rowsOf(given, ['{"a":9007199254740993,"b":1.10}', '{"b":-0,"a":1E400}']);
    expect(text).toBe('9007199254740993,1.10\n1E400,-0\n');
  });

  it('writes null and missing as nothing, and an empty string as an enclosed nothing', async () => {
    const { text } = await rowsOf(given, ['{"a":null}', '{"a":"","b":"x"}', '{}']);
    expect(text).toBe(',\n"",x\n,\n');
  });

  it('writes booleans by name and nested values as compact JSON', async () => {
    const { text } = await rowsOf(given, ['{"a":true,"b":{"x" : [1, "a, \\" b"]\n}}']);
    expect(text).toBe('true,"{""x"":[1,""a, \\"" b""]}"\n');
  });

  it('decodes strings, and encloses them where RFC 4180 asks for it', async () => {
    const { text } = await rowsOf(given, [
      '{"a":"x,y","b":"say \\"hi\\""}',
      '{"a":"two\\nlines","b":"\\ud83d\\ude00 é\\/"}',
    ]);
    expect(text).toBe('"x,y","say ""hi"""\n"two\nlines",😀 é/\n');
  });

  it('refuses half of a surrogate pair, and names the column', async () => {
    const { statistics } = await rowsOf(given, ['{"b":"\\ud83d"}']);
    expect(statistics.badRows).toMatchObject([
      { column: 'b', reason: 'holds half of a surrogate pair, which no text can' },
    ]);
  });

  it('takes the last of two fields of one name, as JSON.parse does', async () => {
    const { text } = await rowsOf(given, ['{"a":1,"b":2,"a":3}', '{"b":2,"a":3}']);
    expect(text).toBe('3,2\n3,2\n');
  });

  it('writes no empty line for a row whose only column is null', async () => {
    const { text } = await rowsOf({ ...given, columns: 'a' }, ['{"a":null}', '{"a":1}']);
    expect(text).toBe('""\n1\n');
  });
});

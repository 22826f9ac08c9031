import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../../functions/loader/rows/json-scanner.ts';

const scanner = new JsonScanner();

/** Scans text between foreign bytes, so that a look beyond the range would be noticed. */
function scan(text: string | Uint8Array) {
  const value = Buffer.from(text as string);
  const bytes = Buffer.concat([Buffer.from('{"'), value, Buffer.from('"}]}0e1')]);
  return scanner.scan(bytes, 2, 2 + value.length);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const jsonText = fc
  .tuple(
    fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    fc.constantFrom(0, 1, '\t\n'),
  )
  .map(([value, indent]) => JSON.stringify(value, null, indent));

describe('the verdict on a value', () => {
  it('is that of JSON.parse for any object', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(scan(text)).toBe('ok');
      }),
    );
  });

  it('is that of JSON.parse for objects with a few characters changed, put in or left out', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\0123456789+-.eEtrufalsn \t\n\r\0\u0001\u001f\u007fü',
      '\\u12G4',
      '\\ud800',
      '1e5',
      '-0',
      '01',
      '1.',
      'null',
      'true',
      '"a":',
      '\ufeff',
    );
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), piece), {
      minLength: 1,
      maxLength: 3,
    });
    let valid = 0;
    fc.assert(
      fc.property(jsonText, edits, (original, changes) => {
        let text = original;
        for (const [place, removed, inserted] of changes) {
          const at = place % (text.length + 1);
          text = text.slice(0, at) + inserted + text.slice(at + removed);
        }
        const wellFormed = text.toWellFormed();
        if (isObject(wellFormed)) valid += 1;
        expect([wellFormed, scan(wellFormed) === 'ok']).toEqual([wellFormed, isObject(wellFormed)]);
      }),
      { numRuns: 1_500 },
    );
    expect(valid).toBeGreaterThan(20);
  });

  it('is that of JSON.parse for short texts of the grammar’s own tokens', () => {
    const token = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-1.5e+3', 'null', ' ');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
        const text = `{${tokens.join('')}`;
        expect([text, scan(text) === 'ok']).toEqual([text, isObject(text)]);
      }),
      { numRuns: 1_500 },
    );
  });

  it.each([
    ['{"a":-}'],
    ['{"a":1e}'],
    ['{"a":1.e5}'],
    ['{"a":00}'],
    ['{"a":+1}'],
    ['{"a":.5}'],
    ['{"a":nul}'],
    ['{"a":nullx}'],
    ['{"a":NaN}'],
    ['{"a":"\u0000"}'],
    ['{"a":"\n"}'],
    ['{"a":"\\x"}'],
    ['{"a":"\\u00g0"}'],
    ['{"a":"\\u12"}'],
    ['{"a":"'],
    ['{"a":"\\'],
    ['{"a":1,}'],
    ['{,}'],
    ['{"a"}'],
    ['{"a":[1,]}'],
    ['{"a":[1}'],
    ['{"a":1]'],
    ['{"a":1}}'],
    ['{"a":1} {"b":2}'],
    ['{"a":1'],
    ['{'],
    [''],
    ['\u00a0{}'],
    ['\ufeff{}'],
    ['[]'],
  ])('is malformed for %j', (text) => {
    expect(isObject(text)).toBe(false);
    expect(scan(text)).toBe('malformed');
  });

  it('says where the first fault is', () => {
    scan('  {"a": tru}');
    expect(scanner.faultAt).toBe(2 + 11);
  });

  it('is not-utf8 for bytes that decoding would replace', () => {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      expect(
        scan(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])),
      ).toBe('not-utf8');
    }
  });

  it('needs no stack for nesting of any depth', () => {
    const depth = 200_000;
    expect(scan(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toBe('ok');
    expect(scan(`{"a":${'['.repeat(depth)}${']'.repeat(depth - 1)}}`)).toBe('malformed');
    expect(scan(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toBe('ok');
  });
});

describe('the fields it finds', () => {
  it('are the top-level ones, with the bytes of keys and values', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const bytes = Buffer.from(`  ${text}\r\n`);
        expect(scanner.scan(bytes, 0, bytes.length)).toBe('ok');
        const { fields } = scanner;
        const found = Array.from({ length: fields.count }, (_, field) => [
          JSON.parse(bytes.toString('utf8', fields.keyStartOf(field), fields.keyEndOf(field))),
          JSON.parse(bytes.toString('utf8', fields.valueStartOf(field), fields.valueEndOf(field))),
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(text)).sort(byPlaceIn(found)));
        expect(bytes.toString('utf8', scanner.start, scanner.end)).toBe(text);
      }),
    );
  });

  it('count without a limit, repeated names too', () => {
    const text = `{${'"a":1,'.repeat(1_000)}"a":[2,{}]}`;
    expect(scan(text)).toBe('ok');
    expect(scanner.fields.count).toBe(1_001);
  });
});

/** JSON.parse puts integer-like keys first; the text does not. */
function byPlaceIn(found: unknown[][]) {
  const places = new Map(found.map(([key], place) => [key, place]));
  return ([a]: [string, unknown], [b]: [string, unknown]) =>
    (places.get(a) ?? -1) - (places.get(b) ?? -1);
}

describe('line breaks', () => {
  it('are noticed between tokens of the object, and not around it', () => {
    expect([scan('\n{"a":1}\r\n'), scanner.lineBreaks]).toEqual(['ok', false]);
    expect([scan('{"a":\n1}'), scanner.lineBreaks]).toEqual(['ok', true]);
    expect([scan('{"a"\r:1}'), scanner.lineBreaks]).toEqual(['ok', true]);
  });
});

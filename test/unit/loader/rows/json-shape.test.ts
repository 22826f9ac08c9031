import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonOf, rowsOf } from './rows-of.ts';

const json = (shape: object) => ({ format: { type: 'json' as const, ...shape } });
const array = json({ stripOuterArray: true });

describe('an array of rows', () => {
  it('becomes a line for each element, byte for byte', async () => {
    const { text, statistics } = await rowsOf(array, [
      ' [ {"a":9007199254740993} , {"b":[1,{"c":2}]},{}] ',
      '[{"a":1.10}]',
    ]);
    expect(text).toBe('{"a":9007199254740993}\n{"b":[1,{"c":2}]}\n{}\n{"a":1.10}\n');
    expect(statistics.counts.get(0)).toEqual({ rows: 2, filtered: 0, rejected: 0, skipped: 0 });
    expect(statistics.elements).toBe(4);
  });

  it('gives each element the facts of its record', async () => {
    const { text } = await rowsOf({ ...array, file: { metadata: ['_offset', '_key'] } }, [
      { value: '[{"a":1},{}]', offset: 7n, key: 'k' },
    ]);
    expect(text).toBe('{"a":1,"_offset":7,"_key":"k"}\n{"_offset":7,"_key":"k"}\n');
  });

  it('is skipped when it is empty', async () => {
    const { text, statistics } = await rowsOf(array, ['[]', '[ ]']);
    expect(text).toBe('');
    expect(statistics.counts.get(0)).toMatchObject({ rows: 0, skipped: 2 });
    expect(statistics.elements).toBeUndefined();
  });

  it('is bad as a whole when one element is', async () => {
    const { text, statistics } = await rowsOf(array, [
      '[{"a":1},{"a":2},3]',
      { value: '[{"a":4}]', offset: 1n },
    ]);
    expect(text).toBe('{"a":4}\n');
    expect(statistics.counts.get(0)).toMatchObject({ rows: 1, rejected: 1 });
    expect(statistics.badRows).toMatchObject([
      { offset: '0', reason: 'element 2: must be a JSON object, got a number' },
    ]);
  });

  it.each([
    ['{"a":1}', 'must be a JSON array, got an object'],
    ['[{"a":1},]', 'not valid JSON: unexpected ] at byte 9'],
    ['[{"a":1}', 'not valid JSON: ends too early, after 8 bytes'],
    ['[{"a":1}] x', 'not valid JSON: unexpected x at byte 10'],
    ['[{"a":1}}', 'not valid JSON: unexpected } at byte 8'],
  ])('%s is none', async (value, reason) => {
    expect(await reasonOf(array, value)).toBe(reason);
  });

  it('is read as JSON.parse reads it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }))),
        fc.constantFrom(undefined, 1, '\t'),
        async (rows, space) => {
          const { text } = await rowsOf(array, [JSON.stringify(rows, null, space)]);
          const lines = text.split('\n').slice(0, -1);
          expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
    );
  });

  it('becomes lines of csv, with one header', async () => {
    const { text } = await rowsOf({ ...array, columns: 'a', file: { format: 'csv' } }, [
      '[{"a":1},{"a":"x"}]',
      '[]',
      '[{"a":3}]',
    ]);
    expect(text).toBe('a\n1\nx\n3\n');
  });

  it('has its fields checked element by element', async () => {
    const given = { ...array, columns: 'a', policies: { unknownColumns: 'reject' as const } };
    const { statistics } = await rowsOf(given, ['[{"a":1},{"b":1}]']);
    expect(statistics.badRows).toMatchObject([{ column: 'b' }]);
    expect(statistics.policies).toMatchObject([{ policy: 'unknownColumns', count: 1 }]);
  });
});

describe('a root', () => {
  it('is the row, wherever it lies', async () => {
    const { text } = await rowsOf(json({ jsonRoot: '$.payload.after' }), [
      '{"op":"u","payload":{"before":null,"after":{"id":1}},"after":2}',
    ]);
    expect(text).toBe('{"id":1}\n');
  });

  it('is the array of rows', async () => {
    const { text } = await rowsOf(json({ jsonRoot: '$.data[1]', stripOuterArray: true }), [
      '{"data":[0,[{"id":1},{"id":2}]]}',
    ]);
    expect(text).toBe('{"id":1}\n{"id":2}\n');
  });

  it.each([
    ['{"b":1}', 'has no $.a, which format.jsonRoot names'],
    ['{"a":null}', 'must be a JSON object, got null'],
    ['{"a":{}', 'not valid JSON: ends too early, after 7 bytes'],
    ['[]', 'must be a JSON object, got an array'],
  ])('of %s is none', async (value, reason) => {
    expect(await reasonOf(json({ jsonRoot: '$.a' }), value)).toBe(reason);
  });
});

describe('paths', () => {
  const paths = json({ jsonPaths: ['$.id', '$.address.city', '$.legs[1].code', '$["a b"]', '$'] });

  it('find the fields that columns name, and null where they lead nowhere', async () => {
    const { text } = await rowsOf({ ...paths, columns: 'id, city, code, ab, all' }, [
      '{"a b":[1],"id":9007199254740993,"address":{"city":"x"},"legs":[0,{"code":1.10}]}',
      '{"address":[],"legs":{"1":2}}',
    ]);
    expect(text).toBe(
      `${[
        '{"id":9007199254740993,"city":"x","code":1.10,"ab":[1],"all":{"a b":[1],"id":9007199254740993,"address":{"city":"x"},"legs":[0,{"code":1.10}]}}',
        '{"id":null,"city":null,"code":null,"ab":null,"all":{"address":[],"legs":{"1":2}}}',
      ].join('\n')}\n`,
    );
  });

  it('find them in each element, beside the facts of the record', async () => {
    const { text } = await rowsOf(
      {
        ...json({ stripOuterArray: true, jsonPaths: ['$.x.y'] }),
        columns: 'y',
        file: { metadata: ['_key', '_headers'] },
      },
      [{ value: '[{"x":{"y":1}},{}]', key: 'k', headers: [['h', 'v']] }],
    );
    const facts = '"_key":"k","_headers":[["h","v"]]';
    expect(text).toBe(`{"y":1,${facts}}\n{"y":null,${facts}}\n`);
  });

  it('have no say about the row of a tombstone', async () => {
    const { text } = await rowsOf(
      {
        ...json({ jsonRoot: '$.a', stripOuterArray: true, jsonPaths: ['$.x'] }),
        columns: 'x',
        policies: { tombstone: 'null' },
      },
      [{ value: null }],
    );
    expect(text).toBe('{"x":null}\n');
  });
});

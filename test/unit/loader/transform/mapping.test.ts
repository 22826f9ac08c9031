import { describe, expect, it } from 'vitest';
import { transformed } from './transformed.ts';

const flight = (code: string | null, delay: unknown) => JSON.stringify({ code, delay });

describe('a mapping', () => {
  it('writes fields as they are and expressions over typed ones', async () => {
    const { lines, statistics } = await transformed(
      { columns: 'code, delay, late = delay > 15', types: { delay: 'INTEGER' } },
      [flight('AA', 20), flight('B"\\\n', -3), flight(null, null)],
    );
    expect(lines).toEqual([
      '{"code":"AA","delay":20,"late":true}',
      '{"code":"B\\"\\\\\\n","delay":-3,"late":false}',
      '{"code":null,"delay":null,"late":null}',
    ]);
    expect(statistics.counts.get(0)).toEqual({ rows: 3, filtered: 0, rejected: 0, skipped: 0 });
  });

  it('leaves a field that nothing is said of as its own JSON, digit by digit', async () => {
    const value = '{"a":1.10,"b":{"x":[9007199254740993, 1e2]},"c":"\\ud83d\\u00e9","n":1}';
    const { lines } = await transformed({ columns: 'a, b, c, m = n' }, [value]);
    expect(lines).toEqual([
      '{"a":1.10,"b":{"x":[9007199254740993,1e2]},"c":"\\ud83d\\u00e9","m":"1"}',
    ]);
  });

  it('passes values on whole where there is only a filter, metadata added', async () => {
    const { lines, statistics } = await transformed(
      {
        where: 'delay > 15',
        types: { delay: 'INTEGER' },
        file: { metadata: ['_partition', '_offset'] },
      },
      ['{ "delay": 20,\n "other": [1, 2.50] }', flight('x', 1), flight('x', null)],
    );
    expect(lines).toEqual(['{ "delay": 20,  "other": [1, 2.50] ,"_partition":0,"_offset":0}']);
    expect(statistics.counts.get(0)).toEqual({ rows: 1, filtered: 2, rejected: 0, skipped: 0 });
  });

  it('names fields with blanks in double quotes, and facts of the record like fields', async () => {
    const { lines } = await transformed(
      {
        columns: '"US Gross", half = "US Gross" / 2, odd = _offset % 2 = 1, _key, _headers, _topic',
        types: { 'US Gross': 'BIGINT' },
      },
      [{ value: '{"US Gross":7}', offset: 5n, key: 'k', headers: [['h', 'v']] }],
    );
    expect(lines).toEqual([
      '{"US Gross":7,"half":3.5,"odd":true,"_key":"k","_headers":[["h","v"]],"_topic":"flights"}',
    ]);
  });

  it('reads CSV, an empty field as null and an enclosed one as text', async () => {
    const { lines } = await transformed(
      {
        format: { type: 'csv', columns: ['id', 'name'] },
        columns: 'name, next = id + 1',
        types: { id: 'INTEGER' },
      },
      ['1,"a,""b"', '2,', '3,""'],
    );
    expect(lines).toEqual([
      '{"name":"a,\\"b","next":2}',
      '{"name":null,"next":3}',
      '{"name":"","next":4}',
    ]);
  });

  it('reads raw values as text', async () => {
    const { text, statistics } = await transformed(
      {
        format: { type: 'raw' },
        columns: 'line = upper(value), n = length(value)',
        where: "value <> ''",
        file: { format: 'csv' },
      },
      ['two\nlines', { value: Buffer.from([0xff]) }],
    );
    expect(text).toBe('line,n\n"TWO\nLINES",9\n');
    expect(statistics.badRows).toMatchObject([{ offset: '1', reason: 'not valid UTF-8' }]);
  });

  it('keeps a byte order mark that a value begins with, also in front of a chunk', async () => {
    const values = ['\ufeffa', '\ufeff', '\ufeff\ufeffb'];
    const { lines } = await transformed(
      { format: { type: 'raw' }, columns: 'v = value' },
      values,
      1,
    );
    expect(lines).toEqual(values.map((v) => JSON.stringify({ v })));
  });

  it('writes CSV with one header line, however many chunks there are', async () => {
    const { text } = await transformed(
      { columns: 'x = n * 2', types: { n: 'INTEGER' }, file: { format: 'csv' } },
      ['{"n":1}', '{"n":null}', '{"n":3}'],
      1,
    );
    expect(text).toBe('x\n2\n""\n6\n');
  });

  it('writes nothing for a slice without rows', async () => {
    const { text, statistics } = await transformed(
      { where: 'false', columns: 'n', file: { format: 'csv' } },
      ['{"n":1}'],
    );
    expect(text).toBe('');
    expect(statistics.counts.get(0)).toEqual({ rows: 0, filtered: 1, rejected: 0, skipped: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { METADATA_COLUMNS } from '../../../../functions/shared/domain/job-spec.ts';
import { recordOf } from './record-of.ts';
import { rowsOf, specOf } from './rows-of.ts';

const metadata = [...METADATA_COLUMNS];
const full = {
  value: '{"a":1}',
  partition: 3,
  offset: 9_223_372_036_854_775_806n,
  timestamp: 1_767_225_600_123,
  key: 'k"1',
  headers: [
    ['trace', 'x"y'],
    ['trace', null],
    ['bin', Buffer.from([0xff, 0x00])],
    ['empty', ''],
  ],
} as const;

describe('metadata in ndjson', () => {
  it('stands behind the value’s own fields', async () => {
    const { text } = await rowsOf({ file: { metadata } }, [full]);
    expect(text).toBe(
      '{"a":1,"_topic":"flights","_partition":3,"_offset":9223372036854775806,"_timestamp":1767225600123,"_key":"k\\"1","_headers":[["trace","x\\"y"],["trace",null],["bin","base64:/wA="],["empty",""]],"_deleted":false}\n',
    );
  });

  it('is the whole object for a value without fields', async () => {
    const { text } = await rowsOf({ file: { metadata: ['_partition', '_key'] } }, ['{ }']);
    expect(JSON.parse(text)).toEqual({ _partition: 0, _key: null });
  });

  it('is null where the record has none, and base64 where a key is no text', async () => {
    const { text } = await rowsOf({ file: { metadata: ['_timestamp', '_key', '_headers'] } }, [
      { value: '{}', key: null },
      { value: '{}', key: Buffer.from([0xc3, 0x28]) },
      { value: '{}', key: '' },
    ]);
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { _timestamp: null, _key: null, _headers: [] },
      { _timestamp: null, _key: 'base64:wyg=', _headers: [] },
      { _timestamp: null, _key: '', _headers: [] },
    ]);
  });

  it.each([
    ['{"_offset":"mine"}', '{"_offset":7}'],
    [
      '{ "a" : [1,\n2], "\\u005foffset":1, "b":1.10, "_offset":2 }',
      '{"a":[1, 2],"b":1.10,"_offset":7}',
    ],
    ['{"a":{"_offset":1}}', '{"a":{"_offset":1},"_offset":7}'],
  ])('takes the place of fields of its name in %s', async (value, row) => {
    const given = { file: { metadata: ['_offset' as const] } };
    const { text } = await rowsOf(given, [{ value, offset: 7n }]);
    expect(text).toBe(`${row}\n`);
  });

  it('is added to csv values and to named columns', async () => {
    const file = { metadata: ['_offset' as const] };
    const csv = await rowsOf({ format: { type: 'csv', columns: ['a'] }, file }, ['1']);
    const named = await rowsOf({ columns: 'b', file }, ['{"a":1}']);
    expect([csv.text, named.text]).toEqual(['{"a":"1","_offset":0}\n', '{"b":null,"_offset":0}\n']);
  });

  it.each([
    0n,
    9n,
    10n,
    999_999_999n,
    1_000_000_000n,
    8_999_999_999_999_999n,
    9_007_199_254_740_993n,
  ])('has the digits of offset %s', async (offset) => {
    const { text } = await rowsOf({ file: { metadata: ['_offset'] } }, [{ value: '{}', offset }]);
    expect(text).toBe(`{"_offset":${offset}}\n`);
  });
});

describe('metadata in csv', () => {
  const file = { format: 'csv', metadata } as const;

  it('stands in the last columns, and in the header', async () => {
    const { text } = await rowsOf({ columns: 'a', file: { ...file, metadata } }, [full]);
    expect(text).toBe(
      'a,_topic,_partition,_offset,_timestamp,_key,_headers,_deleted\n1,flights,3,9223372036854775806,1767225600123,"k""1","[[""trace"",""x\\""y""],[""trace"",null],[""bin"",""base64:/wA=""],[""empty"",""""]]",false\n',
    );
  });

  it('is nothing where the record has none', async () => {
    const given = { format: { type: 'raw' }, file: { ...file, metadata } } as const;
    const { text } = await rowsOf(given, [{ value: 'v' }, { value: 'w', key: '' }]);
    expect(text).toBe(
      'value,_topic,_partition,_offset,_timestamp,_key,_headers,_deleted\nv,flights,0,0,,,[],false\nw,flights,0,0,,"",[],false\n',
    );
  });

  it('has no header line when the csv values’ own fields have no names', async () => {
    const given = {
      format: { type: 'csv' },
      file: { format: 'csv', metadata: ['_offset'] },
    } as const;
    const { text } = await rowsOf({ ...given, file: { format: 'csv', metadata: ['_offset'] } }, [
      '',
    ]);
    const some = await rowsOf({ ...given, file: { format: 'csv', metadata: ['_offset'] } }, [
      '1,2',
    ]);
    expect([text, some.text]).toEqual(['', '1,2,0\n']);
  });
});

describe('headers that do not end within their record', () => {
  it('fail the slice as a corrupt batch', () => {
    const rows = makeRowWriter({
      spec: specOf({ file: { metadata: ['_headers'] } }),
      topic: 'flights',
      writer: { write: async () => {} },
      limits: { maxRows: 10, maxBytes: 1_000 },
    });
    const record = recordOf(full);
    expect(() => rows.accept({ ...record, headersEnd: record.headersEnd - 1 })).toThrow(
      expect.objectContaining({ code: 'CORRUPT_BATCH' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  contentOfValue,
  rowOfNdjson,
  rowsOfCsv,
  type TableShape,
} from '../../../../../infra/local/demo/row-content.ts';

const shape = (valueFormat: 'json' | 'csv', tableFormat: 'ndjson' | 'csv'): TableShape => ({
  valueFormat,
  tableFormat,
  columns: ['a', 'b'],
});

describe('the content of a record and of its row', () => {
  it('are equal for JSON in NDJSON, whatever the spaces and wherever the metadata stands', () => {
    const value = '{ "a": [1.50, null],\n "b": "x\\ny" }';
    const line = '{"_partition":3,"_offset":"17","a":[1.5,null],"b":"x\\ny"}';
    const row = rowOfNdjson(line);
    expect(row).toMatchObject({ partition: 3, offset: 17 });
    expect(row.content).toBe(contentOfValue(shape('json', 'ndjson'), value));
  });

  it('are equal for JSON in CSV, a null being an empty field and what is nested JSON', () => {
    const [row] = rowsOfCsv('a,b,_partition,_offset\n,"{""c"":1}",0,5\n');
    expect(row).toMatchObject({ partition: 0, offset: 5 });
    expect(row?.content).toBe(contentOfValue(shape('json', 'csv'), '{"b":{"c":1},"a":null}'));
  });

  it('are equal for CSV in CSV, however the fields are quoted', () => {
    const [row] = rowsOfCsv('_offset,_partition,a,b\n5,0,"x",y\n');
    expect(row?.content).toBe(contentOfValue(shape('csv', 'csv'), 'x,"y"'));
  });

  it('are equal for CSV in NDJSON, by the names of the columns', () => {
    const row = rowOfNdjson('{"a":"x","b":"","_partition":0,"_offset":5}');
    expect(row.content).toBe(contentOfValue(shape('csv', 'ndjson'), 'x,'));
  });

  it('differ when a value does', () => {
    const row = rowOfNdjson('{"a":1,"b":2,"_partition":0,"_offset":5}');
    expect(row.content).not.toBe(contentOfValue(shape('json', 'ndjson'), '{"a":1,"b":"2"}'));
  });

  it.each(['{"_partition":0}', '{"_partition":"","_offset":1}', '{"_partition":0,"_offset":1.5}'])(
    'are not made up for a row that does not say where it came from: %s',
    (line) => {
      expect(() => rowOfNdjson(line)).toThrow('a row must have a whole number in _');
    },
  );
});

import { describe, expect, it } from 'vitest';
import { makeRowEncoder } from '../../../../functions/loader/rows/make-row-encoder.ts';
import { RowBuffer } from '../../../../functions/loader/rows/row-buffer.ts';
import { tombstoneRow } from '../../../../functions/loader/rows/tombstone-row.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { transformed } from '../transform/transformed.ts';
import { type GivenRecord, recordOf } from './record-of.ts';
import { rowsOf } from './rows-of.ts';

const TOMBSTONE = { value: null, key: 'k1', offset: 1n };
const deleting = { policies: { tombstone: 'delete' as const } };

const warehouse = {
  frontends: ['fe:8030'],
  database: 'd',
  table: 't',
  secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x',
  keyColumns: ['id'],
};
const parse = (given: Partial<JobSpecInput>) =>
  jobSpec.safeParse({
    name: 'job',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    ...deleting,
    ...given,
  } as JobSpecInput);

/** The rows of a warehouse, or why there is none. */
function encoded(destination: JobSpecInput['destination'], ...records: GivenRecord[]) {
  const spec = parse({ destination, columns: 'id, n' }).data!;
  const encoder = makeRowEncoder(spec, 'flights');
  return records.map((given) => {
    const record = recordOf(given);
    const out = new RowBuffer(64);
    const shown = given.value === null ? tombstoneRow(record, 'delete') : record;
    const fault = encoder.encode(shown, out);
    return fault ? [fault.reason, fault.column] : out.take().toString();
  });
}

describe('a tombstone that deletes', () => {
  it('is a row of files that is marked so, with its key', async () => {
    const metadata = ['_key', '_deleted'] as const;
    const { text, statistics } = await rowsOf({ ...deleting, file: { metadata: [...metadata] } }, [
      { value: '{"a":1}', key: 'k0' },
      TOMBSTONE,
    ]);
    expect(text).toBe('{"a":1,"_key":"k0","_deleted":false}\n{"_key":"k1","_deleted":true}\n');
    expect(statistics.policies).toEqual([
      { policy: 'tombstone', action: 'delete', partition: 0, count: 1, from: 1n, to: 2n },
    ]);
  });

  it('is a row of csv that is marked so', async () => {
    const file = { format: 'csv' as const, metadata: ['_key' as const, '_deleted' as const] };
    const { text } = await rowsOf({ ...deleting, columns: 'a', file }, [TOMBSTONE]);
    expect(text).toBe('a,_key,_deleted\n,k1,true\n');
  });

  it('is seen by expressions', async () => {
    const { lines } = await transformed(
      { ...deleting, columns: 'a, id = _key, gone = _deleted', where: '_deleted or a is not null' },
      [{ value: '{"a":"x"}', key: 'k0' }, TOMBSTONE, '{}'],
    );
    expect(lines).toEqual(['{"a":"x","id":"k0","gone":false}', '{"a":null,"id":"k1","gone":true}']);
  });

  it.each([
    ['doris', '__DORIS_DELETE_SIGN__'],
    ['starrocks', '__op'],
  ])('deletes by its key in %s', (kind, sign) => {
    const metadata = ['_offset'];
    const destination = { [kind]: { ...warehouse, metadata } } as JobSpecInput['destination'];
    expect(
      encoded(
        destination,
        { value: '{"id":1,"n":2}', offset: 5n },
        { value: null, key: '{"other":1,"id":9007199254740993}' },
        { value: null, key: 'a"b' },
        { value: '{}' },
      ),
    ).toEqual([
      `{"id":1,"n":2,"_offset":5,"${sign}":0}`,
      `{"id":9007199254740993,"_offset":0,"${sign}":1}`,
      `{"id":"a\\"b","_offset":0,"${sign}":1}`,
      `{"_offset":0,"${sign}":0}`,
    ]);
  });

  it('is bad where its key is none of the table', () => {
    const one = { doris: warehouse } as JobSpecInput['destination'];
    const two = { doris: { ...warehouse, keyColumns: ['id', 'n'] } } as typeof one;
    expect(
      encoded(
        one,
        { value: null },
        { value: null, key: '{"x":1}' },
        { value: null, key: Buffer.from([0xff]) },
      ),
    ).toEqual([
      ['deletes nothing: its key is null', undefined],
      ['deletes nothing: its key has no such field', 'id'],
      ['deletes nothing: its key is not valid UTF-8', undefined],
    ]);
    expect(encoded(two, { value: null, key: 'x' })).toEqual([
      ['deletes nothing: its key must be a JSON object of id, n', undefined],
    ]);
  });
});

describe('deleting by tombstones is refused', () => {
  const { keyColumns: _, ...keyless } = warehouse;
  it.each([
    ['files without the mark', { file: { table: 't' } }, {}, 'policies.tombstone'],
    [
      'files without the key',
      { file: { table: 't', metadata: ['_deleted'] } },
      {},
      'policies.tombstone',
    ],
    ['a table without key columns', { doris: keyless }, {}, 'destination.doris.keyColumns'],
    [
      'a merge type beside it',
      { doris: { ...warehouse, mergeType: 'APPEND' } },
      {},
      'destination.doris.mergeType',
    ],
    ['StarRocks without columns', { starrocks: warehouse }, {}, 'columns'],
    [
      'a root',
      { doris: warehouse },
      { format: { type: 'json', jsonRoot: '$.a' } },
      'policies.tombstone',
    ],
    [
      'values that are no JSON',
      { doris: warehouse },
      { format: { type: 'csv' } },
      'policies.tombstone',
    ],
  ])('for %s', (_case, destination, more, path) => {
    const { error } = parse({ destination, ...more } as Partial<JobSpecInput>);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

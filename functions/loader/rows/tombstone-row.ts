import type { RecordView } from '../records.ts';

const NOTHING = Buffer.from('{}');

/** A tombstone as a record whose value is an object without fields: a row of nulls, its key and headers kept. */
export function tombstoneRow(record: RecordView, tombstone: 'null' | 'delete'): RecordView {
  const { buffer, keyStart, keyEnd, headersStart, headersEnd } = record;
  const key = keyStart < 0 ? buffer.subarray(0, 0) : buffer.subarray(keyStart, keyEnd);
  const headers = buffer.subarray(headersStart, headersEnd);
  const valueStart = key.length + headers.length;
  return {
    // Not all of the buffer, which is a whole batch.
    buffer: Buffer.concat([key, headers, NOTHING]),
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    keyStart: keyStart < 0 ? -1 : 0,
    keyEnd: keyStart < 0 ? -1 : key.length,
    headersStart: key.length,
    headersEnd: valueStart,
    headersCount: record.headersCount,
    valueStart,
    valueEnd: valueStart + NOTHING.length,
    tombstone,
  };
}

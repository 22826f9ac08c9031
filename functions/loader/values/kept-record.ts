import type { RecordView } from '../records.ts';

/** A copy of a record that outlives the call which hands it over. */
export function keptRecord(record: RecordView): RecordView {
  const { partition, offset, timestamp, headersCount } = record;
  const key = part(record, record.keyStart, record.keyEnd);
  const headers = part(record, record.headersStart, record.headersEnd);
  const value = part(record, record.valueStart, record.valueEnd);
  const headersStart = key.length;
  const headersEnd = headersStart + headers.length;
  return {
    buffer: Buffer.concat([key, headers, value]),
    partition,
    offset,
    timestamp,
    keyStart: record.keyStart < 0 ? -1 : 0,
    keyEnd: record.keyStart < 0 ? -1 : key.length,
    headersStart,
    headersEnd,
    headersCount,
    valueStart: record.valueStart < 0 ? -1 : headersEnd,
    valueEnd: record.valueStart < 0 ? -1 : headersEnd + value.length,
  };
}

function part({ buffer }: RecordView, start: number, end: number): Buffer {
  return start < 0 ? buffer.subarray(0, 0) : buffer.subarray(start, end);
}

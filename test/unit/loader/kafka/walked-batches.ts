import { expect } from 'vitest';
import { BatchWalk, type BatchWalkOptions } from '../../../../functions/loader/kafka/batch-walk.ts';
import type { RecordView } from '../../../../functions/loader/records.ts';

/** What a record was when it was handed over. */
interface Seen {
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headersCount: number;
  readonly headers: string;
}

function copyOf(record: RecordView): Seen {
  const range = (start: number, end: number) =>
    start < 0 ? null : record.buffer.toString('latin1', start, end);
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    key: range(record.keyStart, record.keyEnd),
    value: range(record.valueStart, record.valueEnd),
    headersCount: record.headersCount,
    headers: range(record.headersStart, record.headersEnd) ?? '',
  };
}

/** What a walk is given unless its test says otherwise: all of the log. */
export const DEFAULTS = {
  topic: 'flights',
  partition: 3,
  from: 0n,
  to: 1_000_000n,
  isolation: 'read_committed',
  aborted: [],
  maxBatchBytes: 1_000_000,
} satisfies Omit<BatchWalkOptions, 'records'>;

/** Walks batches to their end: the records that were handed over, and where the walk stands then. */
export function walk(
  batches: readonly Buffer[] | Buffer,
  options: Partial<BatchWalkOptions> = {},
): { seen: Seen[]; position: bigint } {
  const records = Array.isArray(batches) ? Buffer.concat(batches) : (batches as Buffer);
  const walker = new BatchWalk({ ...DEFAULTS, records, ...options });
  const seen: Seen[] = [];
  while (walker.step((record) => seen.push(copyOf(record)))) {}
  return { seen, position: walker.position };
}

/** The offsets of records. */
export const offsets = ({ seen }: { seen: Seen[] }) => seen.map(({ offset }) => Number(offset));

/** A failure with a code, and with a message where one is given. */
export const failure = (code: string, message?: RegExp) =>
  expect.objectContaining(message ? { code, message: expect.stringMatching(message) } : { code });

import { LoadFailure } from '#shared/domain/failure.ts';
import type { OversizedRecords } from '../records.ts';
import { type BatchFrame, baseOffsetOf, batchHeader, holdsHeader } from './batch-header.ts';

/** A batch that there is no memory for, as RECORD_TOO_LARGE. */
export class OversizedBatch extends LoadFailure {
  /** What may be passed over instead; undefined where not even the batch's header is at hand. */
  readonly records: OversizedRecords | undefined;

  constructor(
    message: string,
    records: OversizedRecords | undefined,
    options: { readonly cause?: unknown; readonly facts: Readonly<Record<string, unknown>> },
  ) {
    super('RECORD_TOO_LARGE', message, options);
    this.records = records;
  }
}

/** What is wanted of a partition, and cannot be had. */
export interface WantedRange {
  readonly partition: number;
  readonly position: bigint;
  readonly to: bigint;
  /** Why it cannot be read. */
  readonly message: string;
}

/**
 * The part of a batch that is wanted. The header is believed as far as it can be: where the batch was cut off, its
 * checksum cannot be looked at.
 */
export function wantedOf(
  records: Buffer,
  frame: BatchFrame,
  { partition, position, to: end, message }: WantedRange,
): OversizedRecords | undefined {
  if (!holdsHeader({ ...frame, end: Math.min(frame.end, records.length) })) return undefined;
  const header = batchHeader(records, frame);
  const base = baseOffsetOf(records, frame);
  const from = base > position ? base : position;
  const to = header.nextOffset < end ? header.nextOffset : end;
  if (from >= to || header.count < 1) return undefined;
  const count = Math.min(header.count, Number(to - from));
  const reason = `${count} records of offsets ${from} to ${to - 1n} are left out: ${message}`;
  return { partition, from, to, count, bytes: frame.end - frame.start, reason };
}

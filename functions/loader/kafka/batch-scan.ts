import { batchFrame, epochBefore, holdsHeader, MAGIC, nextOffsetOf } from './batch-header.ts';

/** What the frames in a partition's part of an answer say, before any of it is checked. */
export interface BatchScan {
  /** Where the next fetch should begin; not to be relied on until the batches have been walked. */
  readonly next: bigint;
  /** Of the leader that wrote the record before `next`, and at most before `to`; -1 when that is not known. */
  readonly epoch: number;
  /** Bytes of the first batch when not even that is whole: what the next fetch has to ask for. */
  readonly wanted: number | undefined;
}

/**
 * Hops from batch to batch up to `to`, so that the next fetch can be sent before this answer's records
 * are walked.
 */
export function scanBatches(records: Buffer, position: bigint, to: bigint): BatchScan {
  let next = position;
  let epoch = -1;
  let at = 0;
  let frame = batchFrame(records, at);
  while (frame && frame.magic === MAGIC && holdsHeader(frame) && frame.end <= records.length) {
    const after = nextOffsetOf(records, frame);
    if (after > next) {
      next = after;
      epoch = epochBefore(records, frame, next < to ? next : to);
    }
    if (next >= to) break;
    at = frame.end;
    frame = batchFrame(records, at);
  }
  if (at > 0 || next > position || records.length === 0) return { next, epoch, wanted: undefined };
  const isCutOff = frame === undefined || frame.end > records.length;
  return { next, epoch, wanted: isCutOff ? (frame?.end ?? records.length * 2) : undefined };
}

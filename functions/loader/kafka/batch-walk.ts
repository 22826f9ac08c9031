import { crc32c } from '@node-rs/crc32';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import { AbortedTransactions } from './aborted-transactions.ts';
import {
  type BatchFrame,
  type BatchHeader,
  baseOffsetOf,
  batchFrame,
  batchHeader,
  checksumOf,
  epochBefore,
  holdsHeader,
  MAGIC,
} from './batch-header.ts';
import { decompress, TooLargeError } from './codecs.ts';
import type { AbortedTransaction } from './fetch-response.ts';
import { OversizedBatch, wantedOf } from './oversized-batch.ts';
import { MalformedRecordError, RecordCursor } from './record-cursor.ts';

/** One partition's part of an answer, and what of it is wanted. */
export interface BatchWalkOptions {
  readonly topic: string;
  readonly partition: number;
  /** Record batches, the last perhaps cut off. */
  readonly records: Buffer;
  /** `[from, to)` is wanted. */
  readonly from: bigint;
  readonly to: bigint;
  readonly isolation: KafkaSource['isolation'];
  readonly aborted: readonly AbortedTransaction[];
  /** Bytes that a batch may have, as it comes and decompressed. */
  readonly maxBatchBytes: number;
  /** Whether a batch that has more may be left out. @default it may not */
  readonly passOver?: ((records: OversizedRecords) => boolean) | undefined;
}

/**
 * A batch that was damaged on its way or on disk. Raised before any of its records was handed over, so it
 * may be fetched again.
 */
export class DamagedBatch extends LoadFailure {}

/**
 * Walks over record batches and hands over the records in the range, in their order.
 *
 * - Nothing of a batch is believed before its checksum is right.
 * - The position moves batch by batch to the offset after the batch's last, so that it passes what
 *   compaction has removed, emptied batches and control records; it never passes `to`.
 * - Control records and, for read_committed, aborted transactions are left out.
 */
export class BatchWalk {
  readonly #options: BatchWalkOptions;
  readonly #aborted: AbortedTransactions;
  readonly #cursor: RecordCursor;
  #position: bigint;
  #epoch = -1;
  #at = 0;

  constructor(options: BatchWalkOptions, cursor: RecordCursor = new RecordCursor()) {
    this.#options = options;
    this.#aborted = new AbortedTransactions(
      options.isolation === 'read_committed' ? options.aborted : [],
    );
    this.#cursor = cursor;
    this.#position = options.from;
  }

  /** The offset after the last one that was walked over. */
  get position(): bigint {
    return this.#position;
  }

  /** Of the leader that wrote the record before the position, once a batch was walked over; -1 when it is not known. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Hands over the records of the next batch that ends after the position.
   *
   * @returns whether there was a whole one
   * @throws {DamagedBatch} CORRUPT_BATCH before anything of the batch is handed over
   * @throws {LoadFailure} CORRUPT_BATCH, UNSUPPORTED_BATCH or RECORD_TOO_LARGE
   */
  step(accept: (record: RecordView) => void): boolean {
    const { records, to } = this.#options;
    while (this.#position < to) {
      const frame = batchFrame(records, this.#at);
      if (!frame) return false;
      this.#requireFrame(frame);
      const oversized = this.#oversized(frame);
      if (oversized) return this.#passOver(oversized, frame);
      if (frame.end > records.length) return false;
      this.#requireIntact(frame);
      const header = batchHeader(records, frame);
      this.#at = frame.end;
      // Also an older batch has its say about transactions.
      const isLeftOut = this.#aborted.covers(header);
      if (header.isControl) this.#marker(header, frame);
      if (header.nextOffset <= this.#position) continue;
      try {
        if (!isLeftOut && !header.isControl) this.#handOver(header, { frame, accept });
      } catch (error) {
        if (error instanceof OversizedBatch) return this.#passOver(error, frame);
        throw error;
      }
      this.#moveTo(earlier(header.nextOffset, to), frame);
      return true;
    }
    return false;
  }

  /** Nothing of the batch was handed over. */
  #passOver(failure: OversizedBatch, frame: BatchFrame): boolean {
    const { records } = failure;
    if (records === undefined || !this.#options.passOver?.(records)) throw failure;
    this.#at = frame.end;
    this.#moveTo(records.to, frame);
    return true;
  }

  #moveTo(position: bigint, frame: BatchFrame): void {
    this.#position = position;
    this.#epoch = epochBefore(this.#options.records, frame, position);
  }

  #handOver(
    header: BatchHeader,
    { frame, accept }: { frame: BatchFrame; accept: (record: RecordView) => void },
  ): void {
    const { to } = this.#options;
    if (header.count === 0 || header.baseOffset >= to) return;
    // Plain numbers from here on: deltas have 32 bits.
    const first = Number(this.#position - header.baseOffset);
    const end = Number(earlier(header.nextOffset, to) - header.baseOffset);
    const cursor = this.#cursor;
    this.#open(header, frame);
    try {
      for (let left = header.count; left > 0; left -= 1) {
        cursor.advance();
        if (cursor.offsetDelta >= end) break;
        if (cursor.offsetDelta >= first) accept(cursor);
      }
    } catch (error) {
      throw this.#explained(error, frame);
    } finally {
      cursor.close();
    }
  }

  /** Puts the cursor in front of the batch's first record. */
  #open(header: BatchHeader, frame: BatchFrame): void {
    const { records, partition } = this.#options;
    const isPlain = header.codec === 'none';
    const buffer = isPlain ? records : this.#decompressed(header, frame);
    this.#cursor.open({
      buffer,
      start: isPlain ? header.recordsStart : 0,
      end: isPlain ? frame.end : buffer.length,
      partition,
      baseOffset: header.baseOffset,
      baseTimestamp: header.baseTimestamp,
      stampedAt: header.isLogAppendTime ? header.maxTimestamp : undefined,
    });
  }

  #decompressed(header: BatchHeader, frame: BatchFrame): Buffer {
    const { records, maxBatchBytes, partition } = this.#options;
    const facts = { partition, offset: header.baseOffset, codec: header.codec };
    if (header.codec === undefined) {
      throw new LoadFailure(
        'UNSUPPORTED_BATCH',
        `${this.#where(frame)} has an unknown codec, allowed: none, gzip, snappy, lz4, zstd`,
        { facts },
      );
    }
    const compressed = records.subarray(header.recordsStart, frame.end);
    try {
      return decompress(header.codec, compressed, maxBatchBytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `${this.#where(frame)} cannot be decompressed from ${header.codec}: ${reason}`;
      if (!(cause instanceof TooLargeError)) {
        throw new LoadFailure('CORRUPT_BATCH', message, { cause, facts });
      }
      throw new OversizedBatch(message, this.#wanted(frame, message), { cause, facts });
    }
  }

  /** A control batch holds one record, or none when compaction has emptied it. */
  #marker(header: BatchHeader, frame: BatchFrame): void {
    if (header.count === 0) return;
    this.#open(header, frame);
    const cursor = this.#cursor;
    try {
      cursor.advance();
      if (cursor.keyStart < 0) return;
      const key = cursor.buffer.subarray(cursor.keyStart, cursor.keyEnd);
      this.#aborted.marker(header.producerId, key);
    } catch (error) {
      throw this.#explained(error, frame);
    } finally {
      cursor.close();
    }
  }

  #requireFrame(frame: BatchFrame): void {
    const { partition, records } = this.#options;
    const offset = baseOffsetOf(records, frame);
    const bytes = frame.end - frame.start;
    if (frame.magic !== MAGIC) {
      throw new LoadFailure(
        'UNSUPPORTED_BATCH',
        `${this.#where(frame)} has message format ${frame.magic}, allowed: ${MAGIC} (Kafka 0.11 and later)`,
        { facts: { partition, offset, magic: frame.magic } },
      );
    }
    if (!holdsHeader(frame)) {
      throw new DamagedBatch(
        'CORRUPT_BATCH',
        `${this.#where(frame)} has a length of ${bytes} bytes, less than its header`,
        { facts: { partition, offset, bytes } },
      );
    }
  }

  #oversized(frame: BatchFrame): OversizedBatch | undefined {
    const { maxBatchBytes: allowed, partition, records } = this.#options;
    const bytes = frame.end - frame.start;
    if (bytes <= allowed) return undefined;
    if (frame.end <= records.length) this.#requireIntact(frame);
    const message = `${this.#where(frame)} has ${bytes} bytes, allowed: ${allowed}`;
    const facts = { partition, offset: baseOffsetOf(records, frame), bytes, allowed };
    return new OversizedBatch(message, this.#wanted(frame, message), { facts });
  }

  #wanted(frame: BatchFrame, message: string): OversizedRecords | undefined {
    const { records, partition, to } = this.#options;
    return wantedOf(records, frame, { partition, position: this.#position, to, message });
  }

  #requireIntact(frame: BatchFrame): void {
    const { records, partition } = this.#options;
    const { stated, covered } = checksumOf(records, frame);
    const got = crc32c(covered);
    if (got === stated) return;
    throw new DamagedBatch(
      'CORRUPT_BATCH',
      `${this.#where(frame)} must have the checksum ${stated}, got ${got}`,
      { facts: { partition, offset: baseOffsetOf(records, frame), stated, got } },
    );
  }

  /** A malformed record with its place; what the consumer threw as it is. */
  #explained(error: unknown, frame: BatchFrame): unknown {
    if (!(error instanceof MalformedRecordError)) return error;
    const { records, partition } = this.#options;
    return new LoadFailure(
      'CORRUPT_BATCH',
      `${this.#where(frame)} holds a record that cannot be read: ${error.message}`,
      { cause: error, facts: { partition, offset: baseOffsetOf(records, frame) } },
    );
  }

  #where(frame: BatchFrame): string {
    const { topic, partition, records } = this.#options;
    return `the batch at offset ${baseOffsetOf(records, frame)} of partition ${partition} of ${topic}`;
  }
}

function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

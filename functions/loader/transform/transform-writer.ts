import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { TaskStatistics } from '#shared/domain/task.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import { LF } from '../rows/bytes.ts';
import { PartitionTally } from '../rows/partition-tally.ts';
import { RowBuffer } from '../rows/row-buffer.ts';
import type { RowEncoder, RowFault } from '../rows/row-encoder.ts';
import type { RowWriter } from '../rows/row-writer.ts';
import { SliceAccount, type SliceAccountOptions } from '../rows/slice-account.ts';
import { ChunkRecords } from './chunk-records.ts';
import type { Engine } from './engine.ts';
import { FaultWords } from './fault-words.ts';
import type { WriteRows } from './file-output.ts';
import { openRowOutput, type RowOutput } from './row-output.ts';
import type { Transform } from './transform.ts';

/** What {@link makeTransformWriter} needs. */
export interface TransformWriterOptions extends SliceAccountOptions {
  readonly transform: Transform;
  readonly engine: Engine;
  /** A directory for spool files and for what the engine writes. */
  readonly directory: string;
  /** Where the rows go. It is not called at all for a slice without rows. */
  readonly write: WriteRows;
  readonly onProgress: () => void;
  /** Bytes of one record, with all its rows, that the engine has memory for. */
  readonly mostLineBytes: number;
  /** Bytes of spool lines, or of raw records, that the engine gets at once. @default 16 MiB */
  readonly chunkBytes?: number | undefined;
}

/** A row writer that works on while nobody waits for it. */
export interface StoppableRowWriter extends RowWriter {
  /** Resolves when nothing of it runs any more. Never throws. */
  settled(): Promise<void>;
}

const CHUNK_BYTES = 16_777_216;

/** The engine passes over a byte order mark in front of a file. So each has one, lest it be the first value's own. */
const MARK = Buffer.from('\ufeff');

/**
 * Maps, filters and types rows by an engine, chunk by chunk.
 *
 * - Every record ends as exactly one of row, filtered, rejected and skipped: the engine's counts are held
 *   against the lines that it was given.
 * - One chunk is worked on while the next fills, so memory is bounded by two chunks, one batch and the engine's
 *   own limit, whatever the slice's size.
 * - A chunk that failed surfaces at the next `drain` or at `finish`.
 */
export function makeTransformWriter(options: TransformWriterOptions): StoppableRowWriter {
  return new TransformWriter(options);
}

/** One of two: while the engine works on it, the other fills. */
class Chunk {
  readonly lines: RowBuffer;
  readonly records: ChunkRecords;
  /** Its lines by partition, counted as rows. */
  given = new PartitionTally();
  longestLine = 0;

  constructor(bytes: number) {
    // Room for the batch that overfills it.
    this.lines = new RowBuffer(Math.ceil(1.25 * bytes));
    this.records = new ChunkRecords(Math.ceil(1.25 * bytes));
    this.lines.all(MARK);
  }

  get bytes(): number {
    return Math.max(this.lines.length, this.records.bytes);
  }

  clear(): void {
    this.lines.truncate(MARK.length);
    this.records.clear();
    this.given = new PartitionTally();
    this.longestLine = 0;
  }
}

class TransformWriter implements StoppableRowWriter {
  readonly #options: TransformWriterOptions;
  readonly #encoder: RowEncoder;
  readonly #chunkBytes: number;
  readonly #account: SliceAccount;
  readonly #output: RowOutput;
  readonly #words: FaultWords;
  #filling: Chunk;
  #resting: Chunk;
  #chunks = 0;
  #inFlight: Promise<void> = Promise.resolve();

  constructor(options: TransformWriterOptions) {
    this.#options = options;
    this.#encoder = options.transform.encoder;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#filling = new Chunk(this.#chunkBytes);
    this.#resting = new Chunk(this.#chunkBytes);
    this.#account = new SliceAccount(options);
    this.#output = openRowOutput(options);
    this.#words = new FaultWords(options.engine, options.transform.statements);
  }

  accept(record: RecordView): void {
    const shown = this.#account.admit(record);
    if (shown === undefined) return;
    const chunk = this.#filling;
    const { lines } = chunk;
    const lineAt = lines.length;
    const fault = this.#encoder.encode(shown, lines);
    if (fault) {
      lines.truncate(lineAt);
      this.#account.reject(record, fault);
      return;
    }
    const rows = this.#encoder.lastRows?.() ?? 1;
    if (rows === 0) {
      this.#account.loaded(record, rows);
      return;
    }
    const length = lines.length - lineAt;
    if (length > this.#options.mostLineBytes) {
      lines.truncate(lineAt);
      this.#leaveOut(record, length);
      return;
    }
    lines.byte(LF);
    chunk.longestLine = Math.max(chunk.longestLine, length + 1);
    chunk.records.add(record);
    chunk.given.add(record.partition, 'rows', rows);
  }

  #leaveOut({ partition, offset }: RecordView, bytes: number): void {
    const allowed = this.#options.mostLineBytes;
    const reason = `the record at offset ${offset} of partition ${partition} has ${bytes} bytes to be mapped, allowed: ${allowed}`;
    const records = { partition, from: offset, to: offset + 1n, count: 1, bytes, reason };
    if (this.#account.leaveOut(records)) return;
    const facts = { partition, offset, bytes, allowed };
    throw new LoadFailure('RECORD_TOO_LARGE', reason, { facts });
  }

  passOver(records: OversizedRecords): boolean {
    return this.#account.passOver(records);
  }

  async drain(): Promise<boolean> {
    if (this.#filling.bytes >= this.#chunkBytes) await this.#flush();
    await this.#account.rejected.drain();
    return this.#account.hasRoom && this.#output.hasRoom;
  }

  async finish(): Promise<TaskStatistics> {
    if (this.#filling.records.count > 0) await this.#flush();
    await this.#inFlight;
    await this.#output.finish();
    return this.#account.finish(this.#output.bytes);
  }

  async settled(): Promise<void> {
    await Promise.allSettled([this.#inFlight]);
  }

  async #flush(): Promise<void> {
    await this.#inFlight;
    const chunk = this.#filling;
    this.#filling = this.#resting;
    this.#resting = chunk;
    this.#filling.clear();
    this.#inFlight = this.#work(chunk);
    // Awaited by the next flush or by finish; until then a rejection must not count as unhandled.
    this.#inFlight.catch(() => {});
  }

  async #work(chunk: Chunk): Promise<void> {
    const { engine, directory, transform, onProgress } = this.#options;
    this.#chunks += 1;
    const file = join(directory, `spool-${this.#chunks % 2}.csv`);
    await writeFile(file, chunk.lines.bytes.subarray(0, chunk.lines.length));
    const { statements } = transform;
    await engine.run(statements.chunk(file, chunk.longestLine));
    if (statements.spread) await engine.run(statements.spread);
    onProgress();
    const { rows, rejected } = await this.#count(chunk.given);
    if (rejected > 0) await this.#blame(chunk, file);
    if (rows > 0) await this.#output.add();
    await this.#account.rejected.drain();
    onProgress();
  }

  async #count(tally: PartitionTally): Promise<{ rows: number; rejected: number }> {
    const { engine, transform } = this.#options;
    const given = tally.counts();
    const sum = { rows: 0, rejected: 0 };
    let partitions = 0;
    for (const counts of await engine.rows(transform.statements.counts)) {
      const [partition = 0, lines = 0, records = 0, rejected = 0, loaded = 0, rows = 0] =
        counts.map(Number);
      const expected = given.get(partition)?.rows;
      if (lines !== expected) throw lostLines(partition, lines, expected);
      partitions += 1;
      this.#account.tally.add(partition, 'rows', loaded);
      this.#account.tally.add(partition, 'rejected', rejected);
      this.#account.tally.add(partition, 'filtered', records - rejected - loaded);
      this.#account.addRows(rows);
      sum.rows += rows;
      sum.rejected += rejected;
    }
    if (partitions !== given.size) throw lostLines(undefined, partitions, given.size);
    return sum;
  }

  async #blame({ records, longestLine }: Chunk, file: string): Promise<void> {
    const { engine, transform } = this.#options;
    const { faults, faultKinds } = transform.statements;
    const found = new Map<number, Map<bigint, RowFault>>();
    for (const [partition, offset, kind] of await engine.rows(faults)) {
      const fault = faultKinds[Number(kind) - 1];
      if (fault === undefined) throw new LoadFailure('INTERNAL', `there is no fault ${kind}`);
      const offsets = found.get(Number(partition)) ?? new Map<bigint, RowFault>();
      const place = {
        file,
        longestLine,
        partition: Number(partition),
        offset: BigInt(String(offset)),
      };
      const reason = await this.#words.reasonOf(fault, place);
      offsets.set(place.offset, { column: fault.column, reason });
      found.set(Number(partition), offsets);
    }
    for (const [record, fault] of records.at(found)) {
      this.#account.rejected.add(record, fault);
      await this.#account.rejected.drain();
    }
  }
}

function lostLines(
  partition: number | undefined,
  got: number,
  given: number | undefined,
): LoadFailure {
  const what = partition === undefined ? 'partitions' : `lines of partition ${partition}`;
  return new LoadFailure('INTERNAL', `the engine must see ${given ?? 0} ${what}, it saw ${got}`);
}

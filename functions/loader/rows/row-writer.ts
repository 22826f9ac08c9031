import type { JobSpec } from '#shared/domain/job-spec.ts';
import type { TaskStatistics } from '#shared/domain/task.ts';
import type { RejectedRowsOptions } from '../dead-letters/rejected-rows.ts';
import type { OversizedRecords, RecordConsumer, RecordView } from '../records.ts';
import type { SinkWriter } from '../sinks/sink.ts';
import { LF } from './bytes.ts';
import { makeRowEncoder, type RowSpec } from './make-row-encoder.ts';
import { RowBuffer } from './row-buffer.ts';
import type { RowEncoder } from './row-encoder.ts';
import { SliceAccount } from './slice-account.ts';

/** Large enough that a write's overhead is nothing beside its bytes, small enough for many loaders. */
const CHUNK_BYTES = 1_048_576;

/** What {@link makeRowWriter} needs. */
export interface RowWriterOptions extends RejectedRowsOptions {
  readonly spec: RowSpec & Pick<JobSpec, 'policies'>;
  /** Where the chunks go. It is not called at all for a slice without rows. */
  readonly writer: Pick<SinkWriter, 'write'>;
  /** Records, and bytes of record values, after which the slice ends at the next {@link RecordConsumer.drain}. */
  readonly limits: { readonly maxRows: number; readonly maxBytes: number };
  /** @default 1 MiB */
  readonly chunkBytes?: number;
}

/** Turns records into rows of the destination's format and hands them to the sink in large chunks. */
export interface RowWriter extends RecordConsumer {
  /**
   * Writes what is left. Call it once, behind the last record; it prepares nothing.
   *
   * @throws the sink's error when any write failed
   */
  finish(): Promise<TaskStatistics>;
}

/**
 * A row writer.
 *
 * - Chunks end at row boundaries.
 * - One write is under way while the next chunk fills, so memory is bounded by two chunks and one batch; the same
 *   two are used for the whole slice, since garbage of so many megabytes would cost a fifth of a loader's time.
 * - A write that failed surfaces at the next `drain` or at `finish`.
 * - Tombstones and empty values go by the specification's policies; with `skip` they are counted as
 *   skipped, with `reject` as bad rows.
 * - `writtenBytes` counts all that the sink got, a CSV header included; a header is no row, and a slice
 *   without rows gets none.
 */
export function makeRowWriter(options: RowWriterOptions): RowWriter {
  return new BufferedRowWriter(options);
}

class BufferedRowWriter implements RowWriter {
  readonly #options: RowWriterOptions;
  readonly #encoder: RowEncoder;
  readonly #chunkBytes: number;
  readonly #buffer: RowBuffer;
  readonly #account: SliceAccount;
  #writtenBytes = 0;
  #hasRows = false;
  #inFlight: Promise<void> = Promise.resolve();

  constructor(options: RowWriterOptions) {
    this.#options = options;
    this.#account = new SliceAccount({ ...options, policies: options.spec.policies });
    this.#encoder = makeRowEncoder(options.spec, options.topic);
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    // Room for the batch that overfills the chunk: memory that is not touched costs nothing.
    this.#buffer = new RowBuffer(2 * this.#chunkBytes);
    if (this.#encoder.header) this.#buffer.all(this.#encoder.header);
  }

  accept(record: RecordView): void {
    const shown = this.#account.admit(record);
    if (shown === undefined) return;
    const buffer = this.#buffer;
    const rowAt = buffer.length;
    const fault = this.#encoder.encode(shown, buffer);
    if (fault !== undefined) {
      buffer.truncate(rowAt);
      this.#account.reject(record, fault);
      return;
    }
    const rows = this.#encoder.lastRows?.() ?? 1;
    this.#account.loaded(record, rows);
    if (rows === 0) return;
    buffer.byte(LF);
    this.#hasRows = true;
  }

  passOver(records: OversizedRecords): boolean {
    return this.#account.passOver(records);
  }

  async drain(): Promise<boolean> {
    if (this.#hasRows && this.#buffer.length >= this.#chunkBytes) await this.#flush();
    await this.#account.rejected.drain();
    return this.#account.hasRoom;
  }

  async finish(): Promise<TaskStatistics> {
    if (this.#hasRows && this.#buffer.length > 0) await this.#flush();
    await this.#inFlight;
    return this.#account.finish(this.#writtenBytes);
  }

  async #flush(): Promise<void> {
    await this.#inFlight;
    const chunk = this.#buffer.take();
    this.#writtenBytes += chunk.length;
    this.#inFlight = this.#options.writer.write(chunk).then(() => this.#buffer.giveBack(chunk));
    // Awaited by the next flush or by finish; until then a rejection must not count as unhandled.
    this.#inFlight.catch(() => {});
  }
}

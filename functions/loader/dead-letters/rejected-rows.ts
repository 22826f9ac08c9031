import type { BadRow } from '#shared/domain/task.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import { BadRows } from '../rows/bad-rows.ts';
import { RowBuffer } from '../rows/row-buffer.ts';
import type { RowFault } from '../rows/row-encoder.ts';
import { appendDeadLetter, appendWithheld } from './dead-letter.ts';
import type { NotedOffsets } from './noted-offsets.ts';

/** Lines are handed on in chunks of about this size. */
const CHUNK_BYTES = 262_144;

/** Where dead letters go; chunks end at line boundaries. */
export type KeepLetters = (chunk: Uint8Array) => Promise<void>;

/** What becomes of bad rows, by what the destination can do. */
export interface RejectedRowsOptions {
  readonly topic: string;
  /** Absent where the destination has no place for them. */
  readonly keep?: KeepLetters | undefined;
  /** There, they are noted here instead. */
  readonly noted?: NotedOffsets | undefined;
}

/**
 * The bad rows of a slice: some as examples, all as dead letters where the destination has a place for them, or
 * else by their offsets.
 */
export class RejectedRows {
  readonly #topic: string;
  readonly #keep: KeepLetters | undefined;
  readonly #noted: NotedOffsets | undefined;
  readonly #examples = new BadRows();
  readonly #lines = new RowBuffer(CHUNK_BYTES);
  #inFlight: Promise<void> = Promise.resolve();

  constructor({ topic, keep, noted }: RejectedRowsOptions) {
    this.#topic = topic;
    this.#keep = keep;
    this.#noted = noted;
  }

  get examples(): readonly BadRow[] {
    return this.#examples.examples;
  }

  /** Synchronous; copies what it keeps. */
  add(record: RecordView, fault: RowFault): void {
    this.#examples.add(record, fault);
    this.#noted?.add(record);
    if (this.#keep) appendDeadLetter(this.#lines, record, { ...fault, topic: this.#topic });
  }

  /** Records that could not be read, as one line. */
  addWithheld(records: OversizedRecords): void {
    this.#examples.addWithheld(records);
    this.#noted?.addRange(records);
    if (this.#keep) appendWithheld(this.#lines, records, this.#topic);
  }

  /** Resolves when more may come. @throws the destination's error when any write failed */
  async drain(): Promise<void> {
    if (this.#lines.length >= CHUNK_BYTES) await this.#flush();
  }

  /** Hands over what is left. @throws the destination's error when any write failed */
  async finish(): Promise<void> {
    if (this.#lines.length > 0) await this.#flush();
    await this.#inFlight;
  }

  async #flush(): Promise<void> {
    // Rows are rejected while they are read and, beside it, while they are mapped: two may wait here.
    for (let waited: Promise<void> | undefined; waited !== this.#inFlight; ) {
      waited = this.#inFlight;
      await waited;
    }
    if (this.#keep === undefined || this.#lines.length === 0) return;
    this.#inFlight = this.#keep(this.#lines.take());
    // Awaited by the next flush or by finish; until then a rejection must not count as unhandled.
    this.#inFlight.catch(() => {});
  }
}

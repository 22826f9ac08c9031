import type { RawRecord } from '../dead-letters/dead-letter.ts';
import type { RecordView } from '../records.ts';

const INTS = 5;

/**
 * The raw keys and values of a chunk's records, in their order: should one of them turn out bad, it is shown as
 * it came. Memory is the bytes themselves and 40 bytes a record.
 */
export class ChunkRecords {
  #bytes = Buffer.alloc(0);
  #length = 0;
  #numbers = new Int32Array(1_024 * INTS);
  #offsets = new BigInt64Array(1_024);
  #timestamps = new Float64Array(1_024);
  readonly #capacity: number;
  count = 0;

  /** @param capacity bytes to allocate at first need */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(record: RecordView): void {
    if (this.count === this.#offsets.length) this.#grow();
    const base = this.count * INTS;
    this.#numbers[base] = record.partition;
    this.#place(base + 1, record.buffer, record.keyStart, record.keyEnd);
    this.#place(base + 3, record.buffer, record.valueStart, record.valueEnd);
    this.#offsets[this.count] = record.offset;
    this.#timestamps[this.count] = record.timestamp;
    this.count += 1;
  }

  /** Forgets all of them; their memory is used again. */
  clear(): void {
    this.count = 0;
    this.#length = 0;
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#length;
  }

  /** The records at these partitions and offsets, in the order of the chunk, each with what stands there. */
  *at<T>(wanted: ReadonlyMap<number, ReadonlyMap<bigint, T>>): Generator<[RawRecord, T]> {
    for (let i = 0; i < this.count; i += 1) {
      const partition = this.#numbers[i * INTS] as number;
      const offset = this.#offsets[i] as bigint;
      const wish = wanted.get(partition)?.get(offset);
      if (wish === undefined) continue;
      const timestamp = this.#timestamps[i] as number;
      const key = this.#range(i * INTS + 1);
      const value = this.#range(i * INTS + 3);
      yield [{ partition, offset, timestamp, key, value }, wish];
    }
  }

  #place(at: number, from: Buffer, start: number, end: number): void {
    this.#numbers[at] = start < 0 ? -1 : this.#length;
    this.#numbers[at + 1] = start < 0 ? -1 : this.#length + end - start;
    if (start < 0) return;
    this.#reserve(end - start);
    from.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  #range(at: number): Buffer | undefined {
    const start = this.#numbers[at] as number;
    return start < 0 ? undefined : this.#bytes.subarray(start, this.#numbers[at + 1]);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const size = Math.max(this.#length + count, this.#bytes.length * 2, this.#capacity);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #grow(): void {
    const size = this.#offsets.length * 2;
    const numbers = new Int32Array(size * INTS);
    numbers.set(this.#numbers);
    const offsets = new BigInt64Array(size);
    offsets.set(this.#offsets);
    const timestamps = new Float64Array(size);
    timestamps.set(this.#timestamps);
    this.#numbers = numbers;
    this.#offsets = offsets;
    this.#timestamps = timestamps;
  }
}

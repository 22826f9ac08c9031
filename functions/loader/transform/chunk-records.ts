import type { RecordView } from '../records.ts';

const INTS = 8;

/**
 * The raw keys, values and headers of a chunk's records, in their order: should one of them turn out bad, it is
 * shown as it came. Memory is the bytes themselves and 48 bytes a record.
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
    this.#place(base + 5, record.buffer, record.headersStart, record.headersEnd);
    this.#numbers[base + 7] = record.headersCount;
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

  /**
   * The records at these partitions and offsets, in the order of the chunk, each with what stands there; valid
   * until the chunk is cleared.
   */
  *at<T>(wanted: ReadonlyMap<number, ReadonlyMap<bigint, T>>): Generator<[RecordView, T]> {
    for (let i = 0; i < this.count; i += 1) {
      const partition = this.#numbers[i * INTS] as number;
      const offset = this.#offsets[i] as bigint;
      const wish = wanted.get(partition)?.get(offset);
      if (wish === undefined) continue;
      yield [this.#view(i), wish];
    }
  }

  #view(i: number): RecordView {
    const numbers = this.#numbers.subarray(i * INTS, (i + 1) * INTS);
    const at = (place: number) => numbers[place] as number;
    return {
      buffer: this.#bytes,
      partition: at(0),
      offset: this.#offsets[i] as bigint,
      timestamp: this.#timestamps[i] as number,
      keyStart: at(1),
      keyEnd: at(2),
      valueStart: at(3),
      valueEnd: at(4),
      headersStart: at(5),
      headersEnd: at(6),
      headersCount: at(7),
    };
  }

  #place(at: number, from: Buffer, start: number, end: number): void {
    this.#numbers[at] = start < 0 ? -1 : this.#length;
    this.#numbers[at + 1] = start < 0 ? -1 : this.#length + end - start;
    if (start < 0) return;
    this.#reserve(end - start);
    from.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
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

import { LoadFailure } from '../domain/failure.ts';

/**
 * Kafka's primitive types, as https://kafka.apache.org/protocol#protocol_types defines them: big-endian
 * integers, strings with an int16 length, and for "flexible" versions (KIP-482) strings and arrays with
 * an unsigned varint of length + 1, and tagged fields at the end of every structure.
 */

const START_BYTES = 512;

/** Builds the body of a request. Grows as needed; every method returns the writer. */
export class WireWriter {
  #buffer = Buffer.alloc(START_BYTES);
  #length = 0;

  int8(value: number): this {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64BE(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uvarint(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#octet((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#octet(rest);
    return this;
  }

  string(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    return this.int16(bytes.length).bytes(bytes);
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    return this.uvarint(bytes.length + 1).bytes(bytes);
  }

  /** The bytes themselves, without a length. */
  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** An empty set of tagged fields. */
  noTags(): this {
    return this.uvarint(0);
  }

  /** What was written; valid until the next write. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #octet(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeUInt8(value, at);
  }

  /** Makes room, which may replace the buffer: ask first, then write. */
  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }
}

/**
 * Walks over the body of an answer.
 *
 * @throws {LoadFailure} KAFKA_ERROR from every method when the answer ends too early
 */
export class WireReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Where the next read begins. */
  get offset(): number {
    return this.#offset;
  }

  int8(): number {
    return this.#buffer.readInt8(this.skip(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.skip(4));
  }

  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.skip(8));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  uvarint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#buffer.readUInt8(this.skip(1));
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** A nullable string: `null` for a length of -1. */
  string(): string | null {
    return this.#text(this.int16());
  }

  /** A nullable compact string. */
  compactString(): string | null {
    return this.#text(this.uvarint() - 1);
  }

  /** 16 bytes as 32 hexadecimal digits. */
  uuid(): string {
    const start = this.skip(16);
    return this.#buffer.toString('hex', start, start + 16);
  }

  /** The elements of an array with an int32 length; a null array is empty. */
  array<T>(element: () => T): T[] {
    return this.#elements(this.int32(), element);
  }

  /** The elements of a compact array; a null array is empty. */
  compactArray<T>(element: () => T): T[] {
    return this.#elements(this.uvarint() - 1, element);
  }

  /** Passes over tagged fields. `take` may read of a field what it knows of it. */
  tags(take: (tag: number) => void = () => {}): void {
    for (let left = this.uvarint(); left > 0; left -= 1) {
      const tag = this.uvarint();
      const length = this.uvarint();
      const end = this.#offset + length;
      take(tag);
      this.skip(end - this.#offset);
    }
  }

  /**
   * Passes over bytes.
   *
   * @returns where they began
   */
  skip(bytes: number): number {
    const at = this.#offset;
    if (bytes < 0 || at + bytes > this.#buffer.length) {
      throw new LoadFailure(
        'KAFKA_ERROR',
        `the broker's answer must hold ${bytes} more bytes at ${at}, it ends at ${this.#buffer.length}`,
      );
    }
    this.#offset = at + bytes;
    return at;
  }

  #text(length: number): string | null {
    if (length < 0) return null;
    const start = this.skip(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  #elements<T>(length: number, element: () => T): T[] {
    const elements: T[] = [];
    for (let i = 0; i < length; i += 1) elements.push(element());
    return elements;
  }
}

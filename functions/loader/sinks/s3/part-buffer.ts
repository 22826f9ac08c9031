/** The bytes of one part of an upload: memory that grows to a part's size, and is used for later parts again. */
export class PartBuffer {
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Of what it holds. */
  get length(): number {
    return this.#length;
  }

  /** What it holds, until it is cleared. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /**
   * Copies from `chunk`, from `at` on, what still fits into a part of `partBytes`.
   *
   * @returns how many bytes that were
   */
  fill(chunk: Uint8Array, at: number, partBytes: number): number {
    const count = Math.min(chunk.length - at, partBytes - this.#length);
    this.#reserve(this.#length + count, partBytes);
    this.#memory.set(chunk.subarray(at, at + count), this.#length);
    this.#length += count;
    return count;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A slice of a few rows takes no memory for a whole part. */
  #reserve(needed: number, partBytes: number): void {
    if (needed <= this.#memory.length) return;
    const size = Math.min(partBytes, Math.max(needed, 2 * this.#memory.length));
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.bytes);
    this.#memory = grown;
  }
}

const INTS_PER_FIELD = 4;

/** Where the fields of one object begin and end, in the order of the text, repeated keys included. */
export class TopLevelFields {
  count = 0;
  #positions = new Int32Array(64 * INTS_PER_FIELD);

  clear(): void {
    this.count = 0;
  }

  /** Adds a field; the key's range holds its quotes. */
  key(start: number, end: number): void {
    const base = this.count * INTS_PER_FIELD;
    if (base === this.#positions.length) {
      const grown = new Int32Array(this.#positions.length * 2);
      grown.set(this.#positions);
      this.#positions = grown;
    }
    this.#positions[base] = start;
    this.#positions[base + 1] = end;
    this.count += 1;
  }

  /** Sets the last field's value. */
  value(start: number, end: number): void {
    const base = (this.count - 1) * INTS_PER_FIELD;
    this.#positions[base + 2] = start;
    this.#positions[base + 3] = end;
  }

  /** Sets the end of the last field's value, when that is an object or an array. */
  valueEnd(end: number): void {
    this.#positions[this.count * INTS_PER_FIELD - 1] = end;
  }

  keyStartOf(field: number): number {
    return this.#positions[field * INTS_PER_FIELD] as number;
  }
  keyEndOf(field: number): number {
    return this.#positions[field * INTS_PER_FIELD + 1] as number;
  }
  valueStartOf(field: number): number {
    return this.#positions[field * INTS_PER_FIELD + 2] as number;
  }
  valueEndOf(field: number): number {
    return this.#positions[field * INTS_PER_FIELD + 3] as number;
  }
}

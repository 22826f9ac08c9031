import type { TopLevelFields } from './json-fields.ts';

/** So many fields of a record are remembered by their place; those behind are looked up by name. */
const REMEMBERED = 1_024;

interface SeenKey {
  readonly bytes: Buffer;
  readonly column: number;
}

/**
 * Finds the wanted columns among an object's fields by name.
 *
 * Records of one topic mostly have the same keys in the same places, so each place remembers its last key
 * and comparing bytes is enough. A name that stands twice counts with its last value, as for `JSON.parse`.
 */
export class ColumnFinder {
  /** Per column the number of its field, -1 for none; valid after {@link ColumnFinder.find}. */
  readonly fieldOf: Int32Array;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #seen: (SeenKey | undefined)[] = [];

  constructor(columns: readonly string[]) {
    this.fieldOf = new Int32Array(columns.length);
    this.#columns = new Map(columns.map((column, i) => [column, i]));
  }

  find(bytes: Buffer, fields: TopLevelFields): void {
    this.fieldOf.fill(-1);
    for (let field = 0; field < fields.count; field += 1) {
      const start = fields.keyStartOf(field);
      const end = fields.keyEndOf(field);
      const seen = this.#seen[field];
      const column =
        seen !== undefined && equals(seen.bytes, bytes, start, end)
          ? seen.column
          : this.#lookUp(field, bytes.subarray(start, end));
      if (column >= 0) this.fieldOf[column] = field;
    }
  }

  #lookUp(field: number, key: Buffer): number {
    const name: string = JSON.parse(key.toString());
    const column = this.#columns.get(name) ?? -1;
    if (field < REMEMBERED) this.#seen[field] = { bytes: Buffer.from(key), column };
    return column;
  }
}

function equals(expected: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (expected.length !== end - start) return false;
  for (let i = 0; i < expected.length; i += 1) {
    if (expected[i] !== bytes[start + i]) return false;
  }
  return true;
}

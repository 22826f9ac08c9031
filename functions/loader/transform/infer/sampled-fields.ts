import type { TypeSample } from '#shared/domain/inferred-types.ts';
import { ALL_OTHERS, fieldName, MOST_FIELDS } from '#shared/domain/spec/field-types.ts';
import { METADATA_COLUMNS } from '#shared/domain/spec/metadata.ts';
import { FieldEvidence, type SampleValue } from './field-evidence.ts';

/** Of all names together: they are stored as one item of 400 KB, with their types, and shown in the history. */
const MOST_NAME_BYTES = 100_000;

/** Fields that cannot be columns are told by name, so many of them. */
const NAMES_TOLD = 20;

/**
 * The fields of a sample, in the order in which it shows them.
 *
 * Left out is what cannot be a column: a name that no column can have or that a fact of the record has, one that
 * differs from another in capital letters only, which the engine does not tell apart, and what would be too many.
 */
export class SampledFields {
  readonly #fields = new Map<string, FieldEvidence>();
  readonly #small = new Set<string>(METADATA_COLUMNS);
  readonly #leftOut = new Set<string>();
  #nameBytes = 0;

  /** @param value undefined for null */
  add(name: string, value: SampleValue | undefined): void {
    let field = this.#fields.get(name);
    if (field === undefined) {
      if (!this.#isColumn(name)) {
        this.#leaveOut(name);
        return;
      }
      field = new FieldEvidence();
      this.#fields.set(name, field);
      this.#small.add(name.toLowerCase());
      this.#nameBytes += Buffer.byteLength(name);
    }
    if (value) field.add(value);
  }

  /** What so many rows say; undefined when they have no field that can be a column. */
  sample(rows: number): TypeSample | undefined {
    if (this.#fields.size === 0) return undefined;
    const types = new Map([...this.#fields].map(([name, { type }]) => [name, type]));
    return { types, rows, leftOut: [...this.#leftOut] };
  }

  #isColumn(name: string): boolean {
    return (
      name !== ALL_OTHERS &&
      fieldName.safeParse(name).success &&
      !this.#small.has(name.toLowerCase()) &&
      this.#fields.size < MOST_FIELDS &&
      this.#nameBytes + Buffer.byteLength(name) <= MOST_NAME_BYTES
    );
  }

  #leaveOut(name: string): void {
    if (this.#leftOut.size < NAMES_TOLD) this.#leftOut.add(name);
  }
}

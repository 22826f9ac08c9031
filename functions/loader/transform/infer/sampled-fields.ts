import type { TypeSample } from '#shared/domain/inferred-types.ts';
import { ALL_OTHERS, fieldName, MOST_FIELDS } from '#shared/domain/spec/field-types.ts';
import { METADATA_COLUMNS } from '#shared/domain/spec/metadata.ts';
import { shortened } from '../../rows/bad-rows.ts';
import { type SchemaFields, type SchemaSays, unite } from '../../values/schema-fields.ts';
import { FieldEvidence, type SampleValue } from './field-evidence.ts';

/** Of all names together: they are stored as one item of 400 KB, with their types, and shown in the history. */
const MOST_NAME_BYTES = 100_000;

/** Fields that cannot be columns are told by name, so many of them. */
const NAMES_TOLD = 20;

/** What is known of one field. */
interface SampledField {
  readonly evidence: FieldEvidence;
  /** What the schemas of the sample's values say. */
  says: SchemaSays;
}

/**
 * The fields of a sample, in the order in which it shows them, and those that its schemas have.
 *
 * A field has the type that the schemas say, if all of them agree in one that is wide enough, and no value speaks
 * against it. Of all others the values are asked.
 *
 * Left out is what cannot be a column: a name that no column can have or that a fact of the record has, one that
 * differs from another in capital letters only, which the engine does not tell apart, and what would be too many.
 */
export class SampledFields {
  readonly #fields = new Map<string, SampledField>();
  readonly #schemas = new Set<SchemaFields>();
  readonly #small = new Set<string>(METADATA_COLUMNS);
  readonly #leftOut = new Set<string>();
  #nameBytes = 0;

  /** @param value undefined for null */
  add(name: string, value: SampleValue | undefined): void {
    const field = this.#fieldOf(name);
    if (value) field?.evidence.add(value);
  }

  /** Takes what a schema says of its values' fields, once however often it is told. */
  addSchema(fields: SchemaFields): void {
    if (this.#schemas.has(fields)) return;
    this.#schemas.add(fields);
    for (const [name, says] of fields) {
      const field = this.#fieldOf(name);
      if (field) field.says = unite(field.says, says);
    }
  }

  /** What so many rows say; undefined when there are none, or no field that can be a column. */
  sample(rows: number): TypeSample | undefined {
    if (rows === 0 || this.#fields.size === 0) return undefined;
    const types = new Map<string, string>();
    const fromSchema = new Set<string>();
    for (const [name, field] of this.#fields) {
      const type = typeBySchema(field);
      types.set(name, type ?? field.evidence.type);
      if (type !== undefined) fromSchema.add(name);
    }
    return { types, fromSchema, rows, leftOut: [...this.#leftOut] };
  }

  /** @returns undefined for what cannot be a column */
  #fieldOf(name: string): SampledField | undefined {
    const known = this.#fields.get(name);
    if (known) return known;
    if (!this.#isColumn(name)) {
      this.#leaveOut(name);
      return undefined;
    }
    const field: SampledField = { evidence: new FieldEvidence(), says: 'null' };
    this.#fields.set(name, field);
    this.#small.add(name.toLowerCase());
    this.#nameBytes += Buffer.byteLength(name);
    return field;
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
    if (this.#leftOut.size < NAMES_TOLD) this.#leftOut.add(shortened(name));
  }
}

function typeBySchema({ evidence, says }: SampledField): string | undefined {
  if (typeof says === 'string') return undefined;
  return says.isCertain || evidence.fits(says.type) ? says.type : undefined;
}

import type { FieldTypes } from '#shared/domain/spec/field-types.ts';
import { type Mapping, type MappingSpec, RAW_FIELD } from '#shared/domain/spec/mapping.ts';
import { METADATA_COLUMNS, type MetadataColumn } from '#shared/domain/spec/metadata.ts';
import type { PlainFormat } from '#shared/domain/spec/value-format.ts';
import { mismatch } from './check-expression.ts';
import type { ColumnSource, PlannedField } from './planned-field.ts';

type Field = { -readonly [K in keyof PlannedField]: PlannedField[K] };

/**
 * The names that columns and expressions use, and what they stand for.
 *
 * The engine does not tell capital letters from small ones, while records do: a name stands for the field that was
 * declared or seen in a sample, or that CSV has, with or without that difference; else for the field that is spelt exactly like it.
 */
export class FieldNames {
  readonly #format: PlainFormat;
  readonly #fields = new Map<string, Field>();
  readonly #facts = new Set<MetadataColumn>();
  readonly #types: FieldTypes;
  readonly #inferred: ReadonlySet<string>;
  /** By small letters. */
  readonly #known: ReadonlyMap<string, string> | undefined;

  constructor(
    format: PlainFormat,
    { types, inferred = new Set() }: Pick<Mapping, 'types'> & Pick<MappingSpec, 'inferred'>,
  ) {
    this.#format = format;
    this.#types = types;
    this.#inferred = inferred;
    const names = format.type === 'json' ? Object.keys(types) : namesOf(format);
    this.#known = new Map(names.map((name) => [name.toLowerCase(), name]));
  }

  useInWhere(names: readonly string[]): void {
    for (const name of names) {
      const field = this.#find(name, 'where');
      if (field) Object.assign(field, { isUsed: true, isOfWhere: true });
    }
  }

  use(names: readonly string[], place: string): void {
    for (const name of names) {
      const field = this.#find(name, place);
      if (field) field.isUsed = true;
    }
  }

  useAsColumn(name: string): ColumnSource {
    const field = this.#find(name, 'columns');
    if (field === undefined)
      return { kind: 'metadata', column: name.toLowerCase() as MetadataColumn };
    field.isColumn = true;
    return { kind: 'field', field: field.name };
  }

  /** Values that are passed on whole are checked by all that was declared. */
  useAllDeclared(): void {
    const declared = Object.keys(this.#types).filter((name) => !this.#inferred.has(name));
    this.use(declared, 'types');
  }

  hasFact(fact: MetadataColumn): boolean {
    return this.#facts.has(fact);
  }

  fields(): PlannedField[] {
    return [...this.#fields.values()].sort((a, b) => Number(b.isOfWhere) - Number(a.isOfWhere));
  }

  /** @returns undefined for a fact of the record */
  #find(given: string, place: string): Field | undefined {
    const small = given.toLowerCase();
    const fact = METADATA_COLUMNS.find((column) => column === small);
    if (fact) {
      this.#facts.add(fact);
      return undefined;
    }
    const known = this.#known?.get(small);
    if (known === undefined && this.#format.type !== 'json') {
      throw mismatch(place, `there is no field ${given}, only ${namesOf(this.#format).join(', ')}`);
    }
    const name = known ?? given;
    const found = this.#fields.get(small);
    if (found === undefined) return this.#add(name);
    if (found.name === name) return found;
    throw mismatch(
      place,
      `${given} and ${found.name} differ in capital letters only: give one of them a type, and other names to the other`,
    );
  }

  #add(name: string): Field {
    const type = Object.hasOwn(this.#types, name) ? this.#types[name] : undefined;
    const isInferred = this.#inferred.has(name);
    const field = {
      name,
      type: type ?? 'VARCHAR',
      // JSON is shown as what it was read as, by whomever it was said to be that.
      isDeclared: type !== undefined && (!isInferred || type === 'JSON'),
      isInferred,
      isOfWhere: false,
      isColumn: false,
      isUsed: false,
    };
    this.#fields.set(name.toLowerCase(), field);
    return field;
  }
}

function namesOf(format: PlainFormat): readonly string[] {
  if (format.type === 'csv') return format.columns ?? [];
  return format.type === 'raw' ? [RAW_FIELD] : [];
}

import { fitsBigint, numberShape } from './number-shape.ts';
import { kindOfText, type TextKind } from './text-forms.ts';

/** One value of a field, as a sample shows it. A null says nothing. */
export type SampleValue =
  | { readonly kind: 'boolean' | 'json' }
  /** `number`: as JSON writes it. `string`: one that is meant as text. */
  | { readonly kind: 'number' | 'string'; readonly text: string };

type Kind = 'boolean' | 'json' | 'number' | TextKind;

/** Digits that every double keeps: C's DBL_DIG. */
const DOUBLE_DIGITS = 15;

/** Digits that only doubles have: printed as short as they can be, most have so many, and no more. */
const LONGEST_DOUBLE = 17;

/** Digits that a DECIMAL can have at most. */
const WIDEST_DECIMAL = 38;

/**
 * What is known of a field from the values that were seen. The type that follows holds each of them exactly:
 *
 * - whole numbers are BIGINT, wider ones DECIMAL(38,0);
 * - numbers with a fraction are DOUBLE when all have at most 15 digits, or are what doubles are printed as and have
 *   the 17 digits that only doubles have; else a DECIMAL with the scale that was seen;
 * - ISO days and times are DATE, TIMESTAMP, and with a zone TIMESTAMPTZ;
 * - objects and arrays are JSON, true and false BOOLEAN;
 * - all else, values of several kinds, and a field that was always null are VARCHAR.
 */
export class FieldEvidence {
  readonly #kinds = new Set<Kind>();
  #isWhole = true;
  #isBigint = true;
  #isDouble = true;
  #integerDigits = 0;
  #scale = 0;
  #significantDigits = 0;

  add(value: SampleValue): void {
    switch (value.kind) {
      case 'boolean':
      case 'json':
        this.#kinds.add(value.kind);
        break;
      case 'string':
        this.#kinds.add(kindOfText(value.text));
        break;
      case 'number':
        this.#addNumber(value.text);
    }
  }

  #addNumber(text: string): void {
    const shape = numberShape(text);
    this.#kinds.add(shape ? 'number' : 'text');
    if (shape === undefined) return;
    this.#isWhole &&= shape.isWhole;
    this.#isBigint &&= shape.isWhole && fitsBigint(text);
    this.#isDouble &&= shape.isDouble;
    this.#integerDigits = Math.max(this.#integerDigits, shape.integerDigits);
    this.#scale = Math.max(this.#scale, shape.scale);
    this.#significantDigits = Math.max(this.#significantDigits, shape.significantDigits);
  }

  /** Canonical SQL. */
  get type(): string {
    const [kind, ...others] = this.#kinds;
    if (this.#kinds.has('special')) {
      const isNumber = this.#kinds.size === 2 && this.#kinds.has('number');
      return isNumber && this.#isDouble ? 'DOUBLE' : 'VARCHAR';
    }
    if (kind === undefined || others.length > 0) return 'VARCHAR';
    return kind === 'number' ? this.#numberType() : TYPES[kind];
  }

  /** Whether a type that is likely for another reason holds all of them; of none it says nothing. */
  fits(type: string): boolean {
    switch (type) {
      case 'BIGINT':
        return this.#isOf(['number']) && this.#isBigint;
      case 'DOUBLE':
        return this.#isOf(['number', 'special']) && this.#isDouble;
      case 'DATE':
        return this.#isOf(['date']);
      case 'TIMESTAMPTZ':
        return this.#isOf(['timestamptz']);
      case 'UUID':
        return this.#isOf(['uuid']);
      case 'VARCHAR':
        return true;
      default:
        return this.#kinds.size === 0 || this.type === type;
    }
  }

  #isOf(allowed: readonly Kind[]): boolean {
    return [...this.#kinds].every((kind) => allowed.includes(kind));
  }

  #numberType(): string {
    if (this.#isBigint) return 'BIGINT';
    const digits = this.#significantDigits;
    const keeps = digits <= DOUBLE_DIGITS || digits === LONGEST_DOUBLE;
    if (!this.#isWhole && this.#isDouble && keeps) return 'DOUBLE';
    if (this.#integerDigits + this.#scale <= WIDEST_DECIMAL) {
      return `DECIMAL(${WIDEST_DECIMAL},${this.#scale})`;
    }
    return this.#isDouble && !this.#isWhole ? 'DOUBLE' : 'VARCHAR';
  }
}

const TYPES: Readonly<Record<Exclude<Kind, 'number'>, string>> = {
  boolean: 'BOOLEAN',
  json: 'JSON',
  special: 'VARCHAR',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'VARCHAR',
  text: 'VARCHAR',
};

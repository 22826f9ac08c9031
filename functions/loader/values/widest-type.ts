import { decimalShape } from '#shared/domain/spec/field-type.ts';

/** Digits that a DECIMAL can have at most. */
const WIDEST_DECIMAL = 38;

interface WholeType {
  readonly type: string;
  readonly least: bigint;
  readonly most: bigint;
  readonly digits: number;
}

/** Those that schemas have, each behind all that it holds. */
const WHOLE_TYPES: readonly WholeType[] = [
  { type: 'INTEGER', least: -(2n ** 31n), most: 2n ** 31n - 1n, digits: 10 },
  { type: 'UINTEGER', least: 0n, most: 2n ** 32n - 1n, digits: 10 },
  { type: 'BIGINT', least: -(2n ** 63n), most: 2n ** 63n - 1n, digits: 19 },
  { type: 'UBIGINT', least: 0n, most: 2n ** 64n - 1n, digits: 20 },
];

/** Every value of them is a double. */
const WITHIN_DOUBLE = new Set(['INTEGER', 'UINTEGER', 'FLOAT', 'DOUBLE']);

/**
 * The narrowest type that holds all values of two others exactly: BIGINT of INTEGER and BIGINT, DOUBLE of FLOAT and
 * DOUBLE, and text of what is not of one kind.
 *
 * @param one canonical SQL; undefined: numbers that no one type holds, or values of which nothing is known
 * @returns undefined for numbers that no one type holds as numbers, e.g. of BIGINT and DOUBLE
 */
export function widestType(one: string | undefined, other: string | undefined): string | undefined {
  if (one === other) return one;
  if (![one, other].every((type) => type === undefined || isNumber(type))) return 'VARCHAR';
  if (one === undefined || other === undefined) return undefined;
  if (WITHIN_DOUBLE.has(one) && WITHIN_DOUBLE.has(other) && (isFloat(one) || isFloat(other))) {
    return 'DOUBLE';
  }
  return widestWhole(one, other) ?? widestDecimal(one, other);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

function isNumber(type: string): boolean {
  return isFloat(type) || digitsOf(type) !== undefined;
}

function wholeType(name: string): WholeType | undefined {
  return WHOLE_TYPES.find(({ type }) => type === name);
}

function widestWhole(one: string, other: string): string | undefined {
  const [a, b] = [wholeType(one), wholeType(other)];
  if (!a || !b) return undefined;
  const holds = ({ least, most }: WholeType, inner: WholeType) =>
    least <= inner.least && inner.most <= most;
  return WHOLE_TYPES.find((type) => holds(type, a) && holds(type, b))?.type;
}

function widestDecimal(one: string, other: string): string | undefined {
  const [a, b] = [digitsOf(one), digitsOf(other)];
  if (!a || !b) return undefined;
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(a.whole, b.whole) + scale;
  return precision <= WIDEST_DECIMAL ? `DECIMAL(${precision},${scale})` : undefined;
}

/** Digits before and behind the point; undefined for types that have no fixed number of them. */
function digitsOf(type: string): { readonly whole: number; readonly scale: number } | undefined {
  const decimal = decimalShape(type);
  if (decimal) return { whole: decimal.precision - decimal.scale, scale: decimal.scale };
  const whole = wholeType(type);
  return whole && { whole: whole.digits, scale: 0 };
}

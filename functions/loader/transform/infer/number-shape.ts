/** What a number's digits ask of a type that is to hold it. */
export interface NumberShape {
  /** Written without a point and an exponent. */
  readonly isWhole: boolean;
  /** Digits before and behind the point, when it is written without an exponent; 0 has none. */
  readonly integerDigits: number;
  readonly scale: number;
  /** Digits from the first that is not 0 to the last that is not 0. */
  readonly significantDigits: number;
  /** Whether the double nearest to it, printed as short as it can be, has the same digits. */
  readonly isDouble: boolean;
}

/** As JSON writes numbers: no leading zeros, no plus, a digit on both sides of the point. */
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The shape of a number as JSON writes it; undefined for any other text. A telephone number or a postcode with
 * a leading zero is no number in this sense.
 */
export function numberShape(text: string): NumberShape | undefined {
  const [, sign = '', whole = '', fraction = '', exponent] = NUMBER.exec(text) ?? [];
  if (whole === '') return undefined;
  const digits = trimZeros(whole + fraction);
  const shift = exponent === undefined ? 0 : Number(exponent);
  // How far before the point the first digit stands, and how far behind it the last.
  const leading = (whole + fraction).search(/[1-9]/);
  const integerDigits = leading < 0 ? 0 : Math.max(0, whole.length - leading + shift);
  const trailing = leading < 0 ? 0 : digits.length - (whole.length - leading + shift);
  return {
    // Minus zero: no integer has it.
    isWhole: text.length === sign.length + whole.length && text !== '-0',
    integerDigits,
    scale: Math.max(0, trailing),
    significantDigits: digits.length,
    isDouble: digitsOf(Number(text)) === digits,
  };
}

function digitsOf(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return trimZeros(String(Math.abs(value)).replace(/e.*$/, '').replace('.', ''));
}

function trimZeros(digits: string): string {
  return digits.replace(/^0+/, '').replace(/0+$/, '');
}

const BIGINT_MAX = 2n ** 63n - 1n;

/** Whether a 64-bit integer holds a whole number. */
export function fitsBigint(text: string): boolean {
  if (text.length > 20) return false;
  const value = BigInt(text);
  return value <= BIGINT_MAX && value >= -BIGINT_MAX - 1n;
}

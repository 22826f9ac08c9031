import { UndecodableValue } from './undecodable.ts';

/** Numbers as JSON, exact. */

/** What JSON has no numbers for, as Protobuf's mapping to JSON writes it. */
function special(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}

/** The shortest digits that are this double. */
export function doubleText(value: number): string {
  return special(value) ?? (Object.is(value, -0) ? '-0' : String(value));
}

/** Digits that tell every float from all others. */
const FLOAT_DIGITS = 9;

/** The shortest digits that are this float: 0.1, where its double would be 0.10000000149011612. */
export function floatText(value: number): string {
  const text = special(value);
  if (text !== undefined || Number.isInteger(value)) return text ?? doubleText(value);
  for (let digits = 6; digits < FLOAT_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(FLOAT_DIGITS)));
}

/** Unscaled bytes beyond this are no amount of anything, and quadratic work to print. */
const MOST_DECIMAL_BYTES = 512;

/**
 * A decimal of big-endian two's-complement bytes, with all digits of its scale: 12.30.
 *
 * @throws {UndecodableValue} for more than 512 bytes
 */
export function decimalText(bytes: Buffer, scale: number): string {
  if (bytes.length > MOST_DECIMAL_BYTES) {
    throw new UndecodableValue(`a decimal must have at most ${MOST_DECIMAL_BYTES} bytes`);
  }
  if (bytes.length === 0) return decimalOf(0n, scale);
  const unscaled = BigInt(`0x${bytes.toString('hex')}`);
  return decimalOf(BigInt.asIntN(8 * bytes.length, unscaled), scale);
}

function decimalOf(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

import { UndecodableValue } from './undecodable.ts';

/** Dates and times as ISO 8601 text, in UTC, exact to the last digit of their unit. */

/** Powers of ten that units of a second are. */
export type FractionDigits = 3 | 6 | 9;

const SECONDS_A_DAY = 86_400;

/** The first moments of the years 0 and 10000, in seconds: outside of them ISO text needs an agreement. */
const EARLIEST = Date.UTC(2000, 0) / 1_000 - 63_113_904_000;
const TOO_LATE = Date.UTC(10_000, 0) / 1_000;

/** @throws {UndecodableValue} outside of the years 0 to 9999 */
export function dateText(days: number): string {
  return secondsText(days * SECONDS_A_DAY).slice(0, 10);
}

/** @throws {UndecodableValue} for what is not within a day */
export function timeText(units: number | bigint, digits: FractionDigits): string {
  const { seconds, fraction } = split(units, digits);
  if (seconds < 0 || seconds >= SECONDS_A_DAY) {
    throw new UndecodableValue('a time of day must be within 24 hours');
  }
  return `${secondsText(seconds).slice(11)}.${fraction}`;
}

/** Without a zone behind it. @throws {UndecodableValue} outside of the years 0 to 9999 */
export function timestampText(units: number | bigint, digits: FractionDigits): string {
  const { seconds, fraction } = split(units, digits);
  return `${secondsText(seconds)}.${fraction}`;
}

function split(units: number | bigint, digits: FractionDigits) {
  const unit = 10 ** digits;
  if (typeof units === 'number') {
    const seconds = Math.floor(units / unit);
    return { seconds, fraction: String(units - seconds * unit).padStart(digits, '0') };
  }
  const rest = ((units % BigInt(unit)) + BigInt(unit)) % BigInt(unit);
  const seconds = Number((units - rest) / BigInt(unit));
  return { seconds, fraction: String(rest).padStart(digits, '0') };
}

/** `2026-01-31T23:59:59` */
function secondsText(seconds: number): string {
  if (seconds < EARLIEST || seconds >= TOO_LATE) {
    throw new UndecodableValue('a date must be within the years 0 to 9999');
  }
  return new Date(seconds * 1_000).toISOString().slice(0, 19);
}

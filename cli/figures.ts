/** Text and figures as people read them. */

const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Text on one line. What came from records and servers must not steer the terminal: control characters, also those
 * that turn the direction of writing, become a blank.
 */
export function oneLine(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** `1,234,567`, of a number or of digits in a string: 64-bit offsets keep all of theirs. */
export function grouped(value: number | string): string {
  return (typeof value === 'string' ? BigInt(value) : Math.round(value)).toLocaleString('en-US');
}

/** `no task`, `1 task`, `1,234 tasks`. */
export function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : grouped(count)} ${noun}${count > 1 ? 's' : ''}`;
}

const KILO = 1_000;
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `12.3 MB`, of 10^6 bytes. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be printed as 1000.0.
  while (value >= KILO - 0.05 && unit < UNITS.length - 1) {
    value /= KILO;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its largest fitting unit, rounded down: `47 s`, `3 min`, `5 h`, `12 days`; below a second `340 ms`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.floor(ms))} ms`;
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}

/** A time, ISO 8601, as seen from `now` (epoch ms): `3 min ago`, `in 12 s`, `now` within a second. */
export function age(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `${duration(ms)} ago` : `in ${duration(-ms)}`;
}

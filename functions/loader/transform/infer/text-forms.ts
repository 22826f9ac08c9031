/**
 * The forms of texts that have a type of their own: ISO 8601, as far as the engine reads it without loss. What is
 * inferred from a form is held to that form: a later text of another one is a bad row, although the engine might
 * make something of it.
 */

const DAY = String.raw`\d{4}-\d{2}-\d{2}`;
const MINUTES = String.raw`[T ]\d{2}:\d{2}`;
const SECONDS = String.raw`:\d{2}(?:\.\d{1,6}0*)?`;

/** Zones that the engine knows behind seconds; behind minutes it knows none. */
const ZONE = String.raw`(?:Z|[+-]\d{2}(?::?\d{2})?)`;

const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;

/** By the kind of type: what all its texts look like. Good for RE2 as well as for JavaScript. */
export const FORMS = {
  boolean: 'true|false',
  number: NUMBER,
  /** Numbers that JSON does not have, as decoded formats and Protobuf's mapping write them. */
  double: `${NUMBER}|NaN|-?Infinity`,
  date: DAY,
  timestamp: `${DAY}${MINUTES}(?:${SECONDS})?`,
  timestamptz: `${DAY}${MINUTES}${SECONDS}${ZONE}`,
  time: String.raw`\d{2}:\d{2}${SECONDS}`,
  uuid: '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}',
} as const;

/** What a text that is no number can be by its form. */
export type TextKind = 'special' | 'date' | 'timestamp' | 'timestamptz' | 'uuid' | 'text';

/** Longer than any of the forms, but for zeros behind microseconds. */
const LONGEST = 48;

const TIMES = [
  ['date', whole(FORMS.date)],
  ['timestamp', whole(FORMS.timestamp)],
  ['timestamptz', whole(FORMS.timestamptz)],
] as const;

const UUID = whole(FORMS.uuid);

const SPECIAL = /^(?:NaN|-?Infinity)$/;

/** The kind of a text. A day or a time that no calendar and no clock has is text. */
export function kindOfText(text: string): TextKind {
  if (text.length > LONGEST) return 'text';
  if (SPECIAL.test(text)) return 'special';
  if (UUID.test(text)) return 'uuid';
  const [kind] = TIMES.find(([, form]) => form.test(text)) ?? [];
  if (kind === undefined || !isDay(text)) return 'text';
  return kind === 'date' || isTime(text) ? kind : 'text';
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  // The engine counts a year 0 as one before Christ.
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  // Setting the year apart: Date.UTC takes those below 100 for others.
  const last = new Date(Date.UTC(2000, month, 0));
  last.setUTCFullYear(year, month, 0);
  return day <= last.getUTCDate();
}

function isTime(text: string): boolean {
  const [hour = 0, minute = 0] = text.slice(11, 16).split(':').map(Number);
  const second = text[16] === ':' ? Number(text.slice(17, 19)) : 0;
  return hour <= 23 && minute <= 59 && second <= 59 && isZone(text.slice(19));
}

/** From UTC-12 to UTC+14. */
function isZone(behindSeconds: string): boolean {
  const [, sign, hours, minutes = '0'] = /([+-])(\d{2}):?(\d{2})?$/.exec(behindSeconds) ?? [];
  if (sign === undefined) return true;
  const offset = Number(hours) * 60 + Number(minutes);
  return Number(minutes) <= 59 && offset <= (sign === '+' ? 14 : 12) * 60;
}

function whole(form: string): RegExp {
  return new RegExp(`^(?:${form})$`);
}

import { decimalShape, type FieldKind, kindOfType } from '#shared/domain/spec/field-type.ts';
import { FORMS } from './infer/text-forms.ts';

/**
 * Reading typed values from text: what the engine's casts would round or cut off silently is a fault here.
 * `text` and `value` are names of columns: the text as it came, and what `try_cast` made of it.
 */

/** A text as a value; NULL where it is none. */
export function castSql(text: string, type: string): string {
  if (type === 'VARCHAR') return text;
  const value = `try_cast(${text} as ${type})`;
  // Of a time at the very end of what can be, the engine's calendar says by an error that it is none.
  return type === 'TIMESTAMPTZ' ? `try(${value})` : value;
}

/** A condition: the text is there, but the type does not hold it as it is. Undefined for text itself. */
export function lossSql(text: string, value: string, type: string): string | undefined {
  const kind = kindOfType(type);
  if (kind === 'text') return undefined;
  const losses = [`${value} is null`];
  switch (kind) {
    case 'integer':
      losses.push(`${hasPoint(text)} and not ${isWhole(text)}`);
      break;
    case 'decimal':
      losses.push(decimalLoss(text, value, type));
      break;
    case 'float':
      losses.push(`isinf(${value}) and not contains(lower(${text}), 'inf')`);
      break;
    case 'date':
      losses.push(`length(trim(${text})) > 10 and regexp_matches(${text}[11:], '[1-9]')`);
      break;
    case 'timestamp':
      losses.push(`length(${text}) > 19 and (${hasOffset(text)} or ${isFinerThanMicros(text)})`);
      break;
    case 'time':
      losses.push(`not regexp_full_match(trim(${text}), '${TIME_OF_DAY}')`);
      break;
    case 'other':
      if (type === 'TIMESTAMPTZ')
        losses.push(`length(${text}) > 19 and ${isFinerThanMicros(text)}`);
      break;
    default:
  }
  return `${text} is not null and (${losses.map((loss) => `(${loss})`).join(' or ')})`;
}

/** Of a date before it, a zone and any words behind it the engine's cast says nothing. */
const TIME_OF_DAY = String.raw`\d{1,2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?Z?`;

/** The forms of the texts from which types are inferred, or that schemas' values become; JSON and text have none. */
const FORM_OF: Readonly<Partial<Record<FieldKind, string>>> = {
  boolean: FORMS.boolean,
  integer: FORMS.number,
  decimal: FORMS.number,
  float: FORMS.double,
  date: FORMS.date,
  time: FORMS.time,
  timestamp: FORMS.timestamp,
};

function formOf(type: string): string | undefined {
  if (type === 'UUID') return FORMS.uuid;
  if (type === 'TIMESTAMPTZ') return FORMS.timestamptz;
  return FORM_OF[kindOfType(type) ?? 'text'];
}

/**
 * A condition: the text is there, but an inferred type does not hold it as it is, or it is not of the form that the
 * type was inferred from. Nobody has said that 007, yes or a time without its zone may be read as a number, as true
 * or as UTC.
 */
export function misfitSql(text: string, value: string, type: string): string | undefined {
  const loss = lossSql(text, value, type);
  const form = formOf(type);
  if (loss === undefined || form === undefined) return loss;
  const misfits = [loss, `${text} is not null and not regexp_full_match(${text}, '${form}')`];
  if (type === 'DOUBLE') {
    // So many characters hold 15 digits at most, which every double keeps.
    misfits.push(`length(${text}) > 15 and isfinite(${value}) and ${losesDigits(text, value)}`);
  }
  if (type === 'FLOAT') misfits.push(floatLoss(text, value));
  return misfits.map((misfit) => `(${misfit})`).join(' or ');
}

/** Digits that tell every float from all others. */
const FLOAT_DIGITS = 9;

/**
 * Whether a FLOAT, rounded to as many digits as its text has, is another number. Its digits are not compared: of two
 * shortest texts that are equally close, decoders and the engine may choose different ones.
 */
function floatLoss(text: string, value: string): string {
  const [given, kept] = [`try_cast(${text} as double)`, `${value}::double`];
  const digits = `length(${digitsSql(text)})`;
  const unit = `pow(10, floor(log10(nullif(abs(${given}), 0))) + 1 - ${digits})`;
  // A little more than half of it, since the arithmetic is that of doubles.
  const isOff = `abs(${given} - ${kept}) > 0.51 * ${unit}`;
  return `case when ${given} = ${kept} then false when ${digits} > ${FLOAT_DIGITS} then true else ${isOff} end`;
}

/** Whether a number that was rounded, printed as short as it can be, has other digits than its text. */
function losesDigits(text: string, value: string): string {
  return `${digitsSql(text)} <> ${digitsSql(`${value}::varchar`)}`;
}

function digitsSql(text: string): string {
  return `trim(regexp_replace(split_part(lower(${text}), 'e', 1), '[^0-9]', '', 'g'), '0')`;
}

function hasPoint(text: string): string {
  return `(contains(${text}, '.') or contains(lower(${text}), 'e'))`;
}

/** 1.0, 1.5e1 and 10e-1 are whole; 1.5 and 1e-1, which the engine would round, are not. Told by the text: no type holds all. */
function isWhole(text: string): string {
  const small = `lower(trim(${text}))`;
  const mantissa = `split_part(${small}, 'e', 1)`;
  const exponent = `try_cast(split_part(${small}, 'e', 2) as integer)`;
  const whole = `split_part(${mantissa}, '.', 1)`;
  const fraction = `rtrim(split_part(${mantissa}, '.', 2), '0')`;
  const zeros = `length(${whole}) - length(rtrim(${whole}, '0'))`;
  const isShifted = `case when ${fraction} <> '' then length(${fraction}) <= ${exponent} else ${zeros} >= -${exponent} end`;
  const isPlain = `regexp_full_match(${small}, '[+-]?(\\d+\\.0*|[0.]+e.*)')`;
  return `(${isPlain} or coalesce(${isShifted}, false))`;
}

function decimalLoss(text: string, value: string, type: string): string {
  const { scale } = decimalShape(type) ?? { scale: 0 };
  const isLong = `contains(${text}, '.') and length(${text}) - strpos(${text}, '.') > ${scale}`;
  return `(${isLong} or contains(lower(${text}), 'e')) and ${losesDigits(text, value)}`;
}

/** TIMESTAMP has no time zone: the engine would drop the offset. */
function hasOffset(text: string): string {
  return `(regexp_matches(${text}, '[+-]\\d\\d(:?\\d\\d)?\\s*$') and not regexp_matches(${text}, '[+-]00(:?00)?\\s*$'))`;
}

function isFinerThanMicros(text: string): string {
  return `regexp_matches(${text}, '\\.\\d{6}0*[1-9]')`;
}

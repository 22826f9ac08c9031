import { decimalShape, kindOfType } from '#shared/domain/spec/field-type.ts';

/**
 * Reading typed values from text: what the engine's casts would round or cut off silently is a fault here.
 * `text` and `value` are names of columns: the text as it came, and what `try_cast` made of it.
 */

/** Digits that a DECIMAL can have at most. */
const WIDEST = 38;

/** A text as a value; NULL where it is none. */
export function castSql(text: string, type: string): string {
  return type === 'VARCHAR' ? text : `try_cast(${text} as ${type})`;
}

/** A condition: the text is there, but the type does not hold it as it is. Undefined for text itself. */
export function lossSql(text: string, value: string, type: string): string | undefined {
  const kind = kindOfType(type);
  if (kind === 'text') return undefined;
  const losses = [`${value} is null`];
  switch (kind) {
    case 'integer':
      losses.push(`${hasPoint(text)} and not ${isWhole(text, value)}`);
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
    case 'other':
      if (type === 'TIMESTAMPTZ')
        losses.push(`length(${text}) > 19 and ${isFinerThanMicros(text)}`);
      break;
    default:
  }
  return `${text} is not null and (${losses.map((loss) => `(${loss})`).join(' or ')})`;
}

function hasPoint(text: string): string {
  return `(contains(${text}, '.') or contains(lower(${text}), 'e'))`;
}

/** 1.0 and 1e3 are whole, 1.5 and 1e-1 are not, which the engine would round. */
function isWhole(text: string, value: string): string {
  return `(regexp_full_match(${text}, '\\s*[+-]?\\d+\\.0*\\s*') or coalesce(try_cast(${text} as decimal(38,10)) = ${value}, false))`;
}

function decimalLoss(text: string, value: string, type: string): string {
  const { precision, scale } = decimalShape(type) ?? { precision: WIDEST, scale: 0 };
  // As many digits before the point as the type has, and as many behind it as there can be.
  const fine = `try_cast(${text} as decimal(${WIDEST},${WIDEST - precision + scale}))`;
  const isLong = `contains(${text}, '.') and length(${text}) - strpos(${text}, '.') > ${scale}`;
  return `(${isLong} or contains(lower(${text}), 'e')) and coalesce(${fine} <> ${value}, true)`;
}

/** TIMESTAMP has no time zone: the engine would drop the offset. */
function hasOffset(text: string): string {
  return `(regexp_matches(${text}, '[+-]\\d\\d(:?\\d\\d)?\\s*$') and not regexp_matches(${text}, '[+-]00(:?00)?\\s*$'))`;
}

function isFinerThanMicros(text: string): string {
  return `regexp_matches(${text}, '\\.\\d{6}0*[1-9]')`;
}

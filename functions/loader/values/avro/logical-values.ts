import avro from 'avsc';
import { appendJsonString } from '../../rows/json-text.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import { dateText, type FractionDigits, timestampText, timeText } from '../iso-text.ts';
import { decimalText } from '../number-text.ts';
import { certain, type SchemaSays } from '../schema-fields.ts';
import type { AvroCursor } from './avro-cursor.ts';
import type { AnnotatedType, Annotation } from './avro-types.ts';

/** Reads one value and appends it as JSON. */
export type AvroReader = (cursor: AvroCursor, out: RowBuffer) => void;

/** How the values of a logical type are written, and the type of a column that holds what is written. */
export interface LogicalValue {
  readonly read: AvroReader;
  readonly says: SchemaSays;
}

/** The type under a logical one. `size`: of `fixed`. */
interface Underlying {
  readonly typeName: string;
  readonly size?: number | undefined;
}

const DURATION_BYTES = 12;
const UUID_BYTES = 16;
const MOST_SCALE = 1_000;

/** Digits that a DECIMAL can have at most. */
const WIDEST_DECIMAL = 38;

interface TimeUnit {
  readonly typeName: string;
  readonly digits: FractionDigits;
}

const UNITS: Readonly<Record<string, TimeUnit>> = {
  millis: { typeName: 'int', digits: 3 },
  micros: { typeName: 'long', digits: 6 },
  nanos: { typeName: 'long', digits: 9 },
};

/**
 * A logical type as the specification of Avro 1.12 has them.
 *
 * @returns undefined where the type underneath does not fit, which is then read for itself, as the specification asks
 */
export function logicalValue({
  annotation,
  underlyingType,
}: AnnotatedType): LogicalValue | undefined {
  const size = underlyingType instanceof avro.types.FixedType ? underlyingType.size : undefined;
  const { typeName } = underlyingType;
  switch (annotation.logicalType) {
    case 'decimal':
      return decimalValue(annotation, { typeName, size });
    case 'date':
      return typeName === 'int' ? DATE : undefined;
    case 'duration':
      return size === DURATION_BYTES ? DURATION : undefined;
    case 'uuid':
      return size === UUID_BYTES ? UUID : undefined;
    default:
      return timeValue(annotation.logicalType, typeName);
  }
}

function timeValue(logicalType: string, typeName: string): LogicalValue | undefined {
  const [, kind, name = ''] = /^(time|timestamp|local-timestamp)-(\w+)$/.exec(logicalType) ?? [];
  const unit = UNITS[name];
  if (kind === undefined || unit === undefined) return undefined;
  const { digits } = unit;
  if (kind === 'time') {
    if (typeName !== unit.typeName) return undefined;
    const read: AvroReader = (cursor, out) => quoted(out, timeText(cursor.long(), digits));
    return { read, says: timeType('TIME', digits) };
  }
  if (typeName !== 'long') return undefined;
  const zone = kind === 'timestamp' ? 'Z' : '';
  const read: AvroReader = (cursor, out) =>
    quoted(out, timestampText(cursor.long(), digits) + zone);
  return { read, says: timeType(zone ? 'TIMESTAMPTZ' : 'TIMESTAMP', digits) };
}

/** The engine's times have microseconds: text holds what is finer. */
function timeType(type: string, digits: FractionDigits): SchemaSays {
  return certain(digits > 6 ? 'VARCHAR' : type);
}

function decimalValue(
  { precision, scale = 0 }: Annotation,
  { typeName, size }: Underlying,
): LogicalValue | undefined {
  if (typeName !== 'bytes' && size === undefined) return undefined;
  if (!isWhole(scale) || scale < 0 || scale > MOST_SCALE) return undefined;
  const read: AvroReader = (cursor, out) => {
    const length = size ?? cursor.count();
    const start = cursor.skip(length);
    out.text(decimalText(cursor.bytes.subarray(start, start + length), scale));
  };
  return { read, says: decimalType(precision, scale) };
}

/** Text has room for more digits than a DECIMAL; a precision that is none says nothing. */
function decimalType(precision: unknown, scale: number): SchemaSays {
  if (!isWhole(precision) || precision < 1 || precision < scale) return 'anything';
  return certain(precision > WIDEST_DECIMAL ? 'VARCHAR' : `DECIMAL(${precision},${scale})`);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

const DATE: LogicalValue = {
  read: (cursor, out) => quoted(out, dateText(cursor.int())),
  says: certain('DATE'),
};

/** Months, days and milliseconds, each for itself: no month is a number of days. */
const DURATION: LogicalValue = {
  read: (cursor, out) => {
    const start = cursor.skip(DURATION_BYTES);
    const [months, days, ms = 0] = [0, 4, 8].map((at) => cursor.bytes.readUInt32LE(start + at));
    const seconds = `${Math.floor(ms / 1_000)}.${String(ms % 1_000).padStart(3, '0')}`;
    quoted(out, `P${months}M${days}DT${seconds}S`);
  },
  says: certain('VARCHAR'),
};

const UUID: LogicalValue = {
  read: (cursor, out) => {
    const start = cursor.skip(UUID_BYTES);
    const hex = cursor.bytes.toString('hex', start, start + UUID_BYTES);
    quoted(out, hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
  },
  says: certain('UUID'),
};

function quoted(out: RowBuffer, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  appendJsonString(out, bytes, 0, bytes.length);
}

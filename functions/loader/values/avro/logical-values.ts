import { appendJsonString } from '../../rows/json-text.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import { dateText, type FractionDigits, timestampText, timeText } from '../iso-text.ts';
import { decimalText } from '../number-text.ts';
import type { AvroCursor } from './avro-cursor.ts';
import type { Annotation } from './avro-types.ts';

/** Reads one value and appends it as JSON. */
export type AvroReader = (cursor: AvroCursor, out: RowBuffer) => void;

/** The type under a logical one. `size`: of `fixed`. */
export interface Underlying {
  readonly typeName: string;
  readonly size?: number | undefined;
}

const DURATION_BYTES = 12;
const UUID_BYTES = 16;
const MOST_SCALE = 1_000;

const TIMES: Readonly<Record<string, { unit: string; digits: FractionDigits }>> = {
  millis: { unit: 'int', digits: 3 },
  micros: { unit: 'long', digits: 6 },
  nanos: { unit: 'long', digits: 9 },
};

/**
 * The reader of a logical type as the specification of Avro 1.12 has them.
 *
 * @returns undefined where the type underneath does not fit, which is then read for itself, as the specification asks
 */
export function logicalReader(
  { logicalType, scale = 0 }: Annotation,
  underlying: Underlying,
): AvroReader | undefined {
  const { typeName, size } = underlying;
  if (logicalType === 'decimal') {
    if (!Number.isInteger(scale) || (scale as number) < 0 || (scale as number) > MOST_SCALE) {
      return undefined;
    }
    return decimalReader(underlying, scale as number);
  }
  if (logicalType === 'date' && typeName === 'int') {
    return (cursor, out) => quoted(out, dateText(cursor.int()));
  }
  if (logicalType === 'duration' && size === DURATION_BYTES) return durationReader;
  if (logicalType === 'uuid' && size === UUID_BYTES) return uuidReader;
  return timeReader(logicalType, typeName);
}

function timeReader(logicalType: string, typeName: string): AvroReader | undefined {
  const [, kind, name = ''] = /^(time|timestamp|local-timestamp)-(\w+)$/.exec(logicalType) ?? [];
  const time = TIMES[name];
  if (kind === undefined || time === undefined) return undefined;
  const { digits } = time;
  if (kind === 'time') {
    if (typeName !== time.unit) return undefined;
    return (cursor, out) => quoted(out, timeText(cursor.long(), digits));
  }
  if (typeName !== 'long') return undefined;
  const zone = kind === 'timestamp' ? 'Z' : '';
  return (cursor, out) => quoted(out, timestampText(cursor.long(), digits) + zone);
}

function decimalReader({ typeName, size }: Underlying, scale: number): AvroReader | undefined {
  if (typeName !== 'bytes' && size === undefined) return undefined;
  return (cursor, out) => {
    const length = size ?? cursor.count();
    const start = cursor.skip(length);
    out.text(decimalText(cursor.bytes.subarray(start, start + length), scale));
  };
}

/** Months, days and milliseconds, each for itself: no month is a number of days. */
const durationReader: AvroReader = (cursor, out) => {
  const start = cursor.skip(DURATION_BYTES);
  const [months, days, ms] = [0, 4, 8].map((at) => cursor.bytes.readUInt32LE(start + at));
  const seconds = `${Math.floor((ms ?? 0) / 1_000)}.${String((ms ?? 0) % 1_000).padStart(3, '0')}`;
  quoted(out, `P${months}M${days}DT${seconds}S`);
};

const uuidReader: AvroReader = (cursor, out) => {
  const start = cursor.skip(UUID_BYTES);
  const hex = cursor.bytes.toString('hex', start, start + UUID_BYTES);
  quoted(out, hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
};

function quoted(out: RowBuffer, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  appendJsonString(out, bytes, 0, bytes.length);
}

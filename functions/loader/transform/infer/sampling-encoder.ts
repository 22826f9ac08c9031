import { RAW_FIELD } from '#shared/domain/spec/mapping.ts';
import { decodedFormat, type PlainFormat } from '#shared/domain/spec/value-format.ts';
import { BACKSLASH, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../rows/bytes.ts';
import { CsvFields } from '../../rows/csv-fields.ts';
import { scanObject } from '../../rows/json-fault.ts';
import { JsonScanner } from '../../rows/json-scanner.ts';
import { type RowSpec, shapedBy } from '../../rows/make-row-encoder.ts';
import type { RowEncoder } from '../../rows/row-encoder.ts';
import { isUtf8Range } from '../../rows/utf8.ts';
import { decodingEncoder } from '../../values/decoding-encoder.ts';
import type { SchemaFields } from '../../values/schema-fields.ts';
import type { ValueReading } from '../../values/value-reading.ts';
import type { SampleValue } from './field-evidence.ts';
import { numberShape } from './number-shape.ts';

const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;

/** Takes what a field holds in one row; undefined for null. */
type TakeValue = (field: string, value: SampleValue | undefined) => void;

/** Who is shown what values hold. */
export interface SampleTaker {
  readonly takeValue: TakeValue;
  /** Takes what a value's schema says of its fields, before the value itself. */
  readonly takeFields: (fields: SchemaFields) => void;
}

/** An encoder that writes nothing: it judges values as every encoder of the specification does, and shows their fields. */
export function samplingEncoder(
  spec: RowSpec,
  reading: ValueReading | undefined,
  { takeValue, takeFields }: SampleTaker,
): RowEncoder {
  const shaped = shapedBy(spec, encoderOf(decodedFormat(spec.format), takeValue));
  return reading ? decodingEncoder(shaped, reading, { onFields: takeFields }) : shaped;
}

function encoderOf(format: PlainFormat, take: TakeValue): RowEncoder {
  switch (format.type) {
    case 'json':
      return jsonSample(take);
    case 'csv':
      return csvSample(new CsvFields(format), format.columns ?? [], take);
    case 'raw':
      return rawSample(take);
  }
}

/** Opaque text is nothing but text, whatever it looks like. */
function rawSample(take: TakeValue): RowEncoder {
  return {
    encode({ buffer, valueStart, valueEnd }) {
      if (!isUtf8Range(buffer, valueStart, valueEnd)) return { reason: 'not valid UTF-8' };
      take(RAW_FIELD, TEXT);
      return undefined;
    },
  };
}

function csvSample(fields: CsvFields, names: readonly string[], take: TakeValue): RowEncoder {
  const places = names.map((name) => fields.placeOf(name));
  return {
    encode(record) {
      const fault = fields.scan(record);
      if (fault) return fault;
      for (const [i, name] of names.entries()) {
        const { bytes, start, end, isEnclosed } = fields.contentOf(places[i] ?? 0, record.buffer);
        take(name, cellValue(bytes.toString('utf8', start, end), isEnclosed));
      }
      return undefined;
    },
  };
}

/** What is enclosed is meant as text, like a string in JSON. Nothing that is not enclosed is null. */
function cellValue(text: string, isEnclosed: boolean): SampleValue | undefined {
  if (!isEnclosed) {
    if (text === '') return undefined;
    if (text === 'true' || text === 'false') return BOOLEAN;
    if (numberShape(text)) return { kind: 'number', text };
  }
  return { kind: 'string', text };
}

function jsonSample(take: TakeValue): RowEncoder {
  const scanner = new JsonScanner();
  const names = new KeyNames();
  return {
    encode(record) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      const { fields } = scanner;
      for (let field = 0; field < fields.count; field += 1) {
        const key = record.buffer.subarray(fields.keyStartOf(field), fields.keyEndOf(field));
        const at = { start: fields.valueStartOf(field), end: fields.valueEndOf(field) };
        take(names.nameOf(field, key), jsonValue(record.buffer, at));
      }
      return undefined;
    },
  };
}

/** Records of one topic mostly have the same keys in the same places. */
class KeyNames {
  readonly #seen: { readonly key: Buffer; readonly name: string }[] = [];

  nameOf(place: number, key: Buffer): string {
    const seen = this.#seen[place];
    if (seen?.key.equals(key)) return seen.name;
    const name: string = JSON.parse(key.toString());
    this.#seen[place] = { key: Buffer.from(key), name };
    return name;
  }
}

const BOOLEAN: SampleValue = { kind: 'boolean' };
const JSON_VALUE: SampleValue = { kind: 'json' };

/** Too long to have a form. */
const TEXT: SampleValue = { kind: 'string', text: 'text' };

/** A string with more bytes, even with each of its characters escaped, is nothing but text. */
const LONGEST_FORM = 256;

function jsonValue(
  from: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
): SampleValue | undefined {
  switch (from[start]) {
    case LOWER_N:
      return undefined;
    case LOWER_T:
    case LOWER_F:
      return BOOLEAN;
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return JSON_VALUE;
    case QUOTE:
      return end - start > LONGEST_FORM ? TEXT : stringValue(from, start, end);
    default:
      return { kind: 'number', text: from.toString('latin1', start, end) };
  }
}

function stringValue(from: Buffer, start: number, end: number): SampleValue {
  const isPlain = !from.subarray(start, end).includes(BACKSLASH);
  const text = isPlain
    ? from.toString('utf8', start + 1, end - 1)
    : String(JSON.parse(from.toString('utf8', start, end)));
  return { kind: 'string', text };
}

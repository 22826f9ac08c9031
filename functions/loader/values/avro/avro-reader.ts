import avro from 'avsc';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../../rows/bytes.ts';
import { appendJsonString } from '../../rows/json-text.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import { isUtf8Range } from '../../rows/utf8.ts';
import { doubleText, floatText } from '../number-text.ts';
import { UndecodableValue } from '../undecodable.ts';
import { MOST_DEPTH, MOST_JSON_BYTES } from '../value-schema.ts';
import type { AvroCursor } from './avro-cursor.ts';
import { AnnotatedType } from './avro-types.ts';
import { type AvroReader, logicalValue } from './logical-values.ts';

/**
 * Compiles a schema to a reader that turns Avro's binary encoding straight into JSON.
 *
 * - int and long keep their digits, decimals too; float and double are the shortest digits that are them;
 * - bytes and fixed are base64, enums their symbols, unions the value of their branch without its name.
 */
export function avroReader(root: avro.Type): AvroReader {
  const compiled = new Map<avro.Type, AvroReader>();
  const compile = (type: avro.Type): AvroReader => {
    const known = compiled.get(type);
    if (known) return known;
    // A type may refer to itself: what is asked for meanwhile is looked up when it is called.
    compiled.set(type, (cursor, out) => (compiled.get(type) as AvroReader)(cursor, out));
    const reader = readerOf(type, compile);
    compiled.set(type, reader);
    return reader;
  };
  return compile(root);
}

type Compile = (type: avro.Type) => AvroReader;

function readerOf(type: avro.Type, compile: Compile): AvroReader {
  const { types } = avro;
  if (type instanceof AnnotatedType) {
    return logicalValue(type)?.read ?? compile(type.underlyingType);
  }
  if (type instanceof types.RecordType) return recordReader(type, compile);
  if (type instanceof types.ArrayType) return arrayReader(compile(type.itemsType));
  if (type instanceof types.MapType) return mapReader(compile(type.valuesType));
  if (type instanceof types.WrappedUnionType) {
    return unionReader(type.types.map((branch) => compile(branch)));
  }
  if (type instanceof types.EnumType) return enumReader(type.symbols);
  if (type instanceof types.FixedType) return fixedReader(type.size);
  const primitive = PRIMITIVES[type.typeName];
  if (primitive) return primitive;
  throw new UndecodableValue(`the type ${type.typeName} is none that values are read by`);
}

const NULL = Buffer.from('null');

const PRIMITIVES: Readonly<Record<string, AvroReader>> = {
  null: (_, out) => out.all(NULL),
  boolean: (cursor, out) => {
    const byte = cursor.byte();
    if (byte > 1) throw new UndecodableValue('a boolean must be 0 or 1');
    out.text(byte === 1 ? 'true' : 'false');
  },
  int: (cursor, out) => out.integer(cursor.int()),
  long: (cursor, out) => out.integer(cursor.long()),
  float: (cursor, out) => out.text(floatText(cursor.bytes.readFloatLE(cursor.skip(4)))),
  double: (cursor, out) => out.text(doubleText(cursor.bytes.readDoubleLE(cursor.skip(8)))),
  bytes: (cursor, out) => appendBase64(cursor, out, cursor.count()),
  string: appendText,
};

function appendText(cursor: AvroCursor, out: RowBuffer): void {
  const length = cursor.count();
  const start = cursor.skip(length);
  if (!isUtf8Range(cursor.bytes, start, start + length)) {
    throw new UndecodableValue('a string is not valid UTF-8');
  }
  appendJsonString(out, cursor.bytes, start, start + length);
}

function appendBase64(cursor: AvroCursor, out: RowBuffer, length: number): void {
  const start = cursor.skip(length);
  out.byte(QUOTE);
  out.text(cursor.bytes.toString('base64', start, start + length));
  out.byte(QUOTE);
}

function fixedReader(size: number): AvroReader {
  return (cursor, out) => appendBase64(cursor, out, size);
}

function enumReader(symbols: readonly string[]): AvroReader {
  const texts = symbols.map((symbol) => Buffer.from(JSON.stringify(symbol)));
  return (cursor, out) => {
    const text = texts[cursor.int()];
    if (text === undefined) throw new UndecodableValue('an enum has no symbol of this number');
    out.all(text);
  };
}

function unionReader(branches: readonly AvroReader[]): AvroReader {
  return (cursor, out) => {
    const branch = branches[cursor.count()];
    if (branch === undefined) throw new UndecodableValue('a union has no branch of this number');
    branch(cursor, out);
  };
}

function recordReader(type: avro.types.RecordType, compile: Compile): AvroReader {
  const fields = type.fields.map(({ name, type: of }, i) => ({
    head: Buffer.from(`${i > 0 ? ',' : ''}${JSON.stringify(name)}:`),
    read: compile(of),
  }));
  return (cursor, out) => {
    cursor.depth += 1;
    if (cursor.depth > MOST_DEPTH) {
      throw new UndecodableValue(`records stand in each other more than ${MOST_DEPTH} deep`);
    }
    out.byte(OPEN_BRACE);
    for (const { head, read } of fields) {
      out.all(head);
      read(cursor, out);
    }
    out.byte(CLOSE_BRACE);
    cursor.depth -= 1;
  };
}

function arrayReader(item: AvroReader): AvroReader {
  return (cursor, out) => {
    out.byte(OPEN_BRACKET);
    eachOfBlocks(cursor, out, item);
    out.byte(CLOSE_BRACKET);
  };
}

function mapReader(value: AvroReader): AvroReader {
  return (cursor, out) => {
    out.byte(OPEN_BRACE);
    eachOfBlocks(cursor, out, () => {
      appendText(cursor, out);
      out.byte(COLON);
      value(cursor, out);
    });
    out.byte(CLOSE_BRACE);
  };
}

/** Blocks of a count and so many items, ended by an empty one; a negative count has the block's bytes behind it. */
function eachOfBlocks(cursor: AvroCursor, out: RowBuffer, item: AvroReader): void {
  const startAt = out.length;
  let isFirst = true;
  for (let count = cursor.count(); count !== 0; count = cursor.count()) {
    if (count < 0) cursor.count();
    for (let left = Math.abs(count); left > 0; left -= 1) {
      if (!isFirst) out.byte(COMMA);
      isFirst = false;
      item(cursor, out);
      if (out.length - startAt > MOST_JSON_BYTES) {
        throw new UndecodableValue(`a value must have at most ${MOST_JSON_BYTES} bytes of JSON`);
      }
    }
  }
}

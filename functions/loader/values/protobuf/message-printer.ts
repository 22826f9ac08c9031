import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET } from '../../rows/bytes.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import { doubleText, floatText } from '../number-text.ts';
import { isMapped, isNullValue, wrappedField } from './well-known.ts';

/** A decoded message: fields that were not on the wire are not its own. */
type Message = Readonly<Record<string, unknown>>;

/** Appends one value as JSON. */
type Print<T = unknown> = (value: T, out: RowBuffer) => void;

/**
 * Prints messages of a type as JSON, with the fields' names as the .proto file has them.
 *
 * - 64-bit integers are numbers with all their digits, not strings as in Protobuf's own mapping: destinations
 *   have columns for them;
 * - fields without presence are always there, with their defaults; those with presence only when they were set;
 * - well-known types, NaN, infinities and bytes follow the mapping.
 */
export function messagePrinter(root: protobuf.Type): Print<Message> {
  const printers = new Map<protobuf.Type, Print<Message>>();
  const printerOf = (type: protobuf.Type): Print<Message> => {
    const known = printers.get(type);
    if (known) return known;
    // A message may hold its own kind.
    printers.set(type, (message, out) => printers.get(type)?.(message, out));
    const print = wellKnown(type) ?? fieldsPrinter(type, printerOf);
    printers.set(type, print);
    return print;
  };
  return printerOf(root);
}

type PrinterOf = (type: protobuf.Type) => Print<Message>;

function wellKnown(type: protobuf.Type): Print<Message> | undefined {
  const value = wrappedField(type);
  if (value) {
    const print = scalarPrinter(value);
    return (message, out) => print(message[value.name], out);
  }
  if (!isMapped(type)) return undefined;
  return (message, out) => out.text(JSON.stringify(mapped(type, message)));
}

function mapped(type: protobuf.Type, message: Message): unknown {
  try {
    return protojson.toJson(type, message);
  } catch (error) {
    // What it holds may be of a type that the schema does not know.
    if (type.name !== 'Any') throw error;
    const { type_url: url, value } = message as { type_url: string; value: Uint8Array };
    return { '@type': url, value: Buffer.from(value).toString('base64') };
  }
}

function fieldsPrinter(type: protobuf.Type, printerOf: PrinterOf): Print<Message> {
  const fields = type.fieldsArray.map((field) => ({
    name: field.name,
    isAlways: isAlwaysThere(field),
    head: Buffer.from(`${JSON.stringify(field.protoName ?? field.name)}:`),
    print: fieldPrinter(field.resolve(), printerOf),
  }));
  return (message, out) => {
    out.byte(OPEN_BRACE);
    let isFirst = true;
    for (const { name, isAlways, head, print } of fields) {
      if (!isAlways && !Object.hasOwn(message, name)) continue;
      if (!isFirst) out.byte(COMMA);
      isFirst = false;
      out.all(head);
      print(message[name], out);
    }
    out.byte(CLOSE_BRACE);
  };
}

/** Lists and maps, and scalars whose default cannot be told from their absence. */
function isAlwaysThere(field: protobuf.Field): boolean {
  if (field.repeated || field instanceof protobuf.MapField) return true;
  return !field.hasPresence && !(field.resolve().resolvedType instanceof protobuf.Type);
}

function fieldPrinter(field: protobuf.Field, printerOf: PrinterOf): Print {
  const { resolvedType } = field;
  const one =
    resolvedType instanceof protobuf.Type
      ? (printerOf(resolvedType) as Print)
      : scalarPrinter(field);
  if (field instanceof protobuf.MapField) return mapPrinter(field, one);
  return field.repeated ? listPrinter(one) : one;
}

function listPrinter(one: Print): Print {
  return (list, out) => {
    out.byte(OPEN_BRACKET);
    for (const [i, item] of (list as readonly unknown[]).entries()) {
      if (i > 0) out.byte(COMMA);
      one(item, out);
    }
    out.byte(CLOSE_BRACKET);
  };
}

function mapPrinter(field: protobuf.MapField, one: Print): Print {
  const isLong = field.keyType.endsWith('64');
  const isUnsigned = field.keyType.startsWith('u') || field.keyType === 'fixed64';
  // The library keeps keys of 64 bits as eight characters of one byte each.
  const keyOf = (key: string) =>
    isLong ? protobuf.util.longFromHash(key, isUnsigned).toString() : key;
  return (map, out) => {
    out.byte(OPEN_BRACE);
    for (const [i, [key, value]] of Object.entries(map as Message).entries()) {
      out.text(`${i > 0 ? ',' : ''}${JSON.stringify(keyOf(key))}:`);
      one(value, out);
    }
    out.byte(CLOSE_BRACE);
  };
}

function scalarPrinter({ type, resolvedType }: protobuf.Field): Print {
  if (resolvedType instanceof protobuf.Enum) {
    const { valuesById } = resolvedType;
    const isNull = isNullValue(resolvedType);
    // A number without a name is one of a newer schema.
    return (value, out) =>
      out.text(isNull ? 'null' : JSON.stringify(valuesById[value as number] ?? value));
  }
  switch (type) {
    case 'float':
      return (value, out) => out.text(floatText(value as number));
    case 'double':
      return (value, out) => out.text(doubleText(value as number));
    case 'bytes':
      return (value, out) => out.text(`"${Buffer.from(value as Uint8Array).toString('base64')}"`);
    case 'string':
    case 'bool':
      return (value, out) => out.text(JSON.stringify(value));
    default:
      // Integers: of 64 bits they are objects that print all their digits.
      return (value, out) => out.text(String(value));
  }
}

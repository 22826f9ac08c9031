import protobuf from 'protobufjs';
import type { RegisteredSchema } from '../../registry/schema-registry.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import type { SchemaFields } from '../schema-fields.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { MessageIndex, ValueSchema } from '../value-schema.ts';
import { messageFields } from './message-fields.ts';
import { messagePrinter } from './message-printer.ts';
import { parseProtoFile } from './proto-file.ts';

/**
 * A .proto file. Which of its messages a value is stands in the value's frame.
 *
 * @throws {UndecodableValue} for what is no schema
 */
export function protobufSchema({
  text,
  references,
}: Pick<RegisteredSchema, 'text' | 'references'>): ValueSchema {
  const file = parseProtoFile(text, references);
  const messages = new Map<string, Message>();
  const messageOf = (index: MessageIndex = [0]): Message => {
    const key = String(index);
    const known = messages.get(key);
    if (known) return known;
    const type = file.messageAt(index);
    const message = { decode: messageDecoder(type), fields: messageFields(type) };
    messages.set(key, message);
    return message;
  };
  return {
    decode: ({ bytes, start, end, message }, out) =>
      messageOf(message).decode(bytes.subarray(start, end), out),
    fields: (message) => messageOf(message).fields,
  };
}

type MessageDecoder = (bytes: Buffer, out: RowBuffer) => void;

/** One of a file's messages, ready to be read. */
interface Message {
  readonly decode: MessageDecoder;
  readonly fields: SchemaFields;
}

function messageDecoder(type: protobuf.Type): MessageDecoder {
  const print = messagePrinter(type);
  return (bytes, out) => {
    const reader = protobuf.Reader.create(bytes);
    reader.discardUnknown = true;
    try {
      print(type.decode(reader) as unknown as Readonly<Record<string, unknown>>, out);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UndecodableValue(`no message ${type.name}: ${why}`, { cause });
    }
  };
}

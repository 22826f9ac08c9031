import protobuf from 'protobufjs';
import type { RegisteredSchema } from '../../registry/schema-registry.ts';
import type { RowBuffer } from '../../rows/row-buffer.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { MessageIndex, ValueSchema } from '../value-schema.ts';
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
  const decoders = new Map<string, MessageDecoder>();
  const decoderOf = (index: MessageIndex): MessageDecoder => {
    const key = String(index);
    const known = decoders.get(key);
    if (known) return known;
    const decoder = messageDecoder(file.messageAt(index));
    decoders.set(key, decoder);
    return decoder;
  };
  return {
    decode: ({ bytes, start, end, message = [0] }, out) =>
      decoderOf(message)(bytes.subarray(start, end), out),
  };
}

type MessageDecoder = (bytes: Buffer, out: RowBuffer) => void;

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

import { inflateSync } from 'node:zlib';
import type { RecordView } from '../records.ts';
import { type Framing, UUID_BYTES, uuidText } from './framing.ts';
import { UndecodableValue } from './undecodable.ts';
import { readVarint } from './varint.ts';

const VERSION = 3;
const PLAIN = 0;
const ZLIB = 5;
const FRAME_BYTES = 2 + UUID_BYTES;

/** Far above what a record of Kafka usually holds, far below what a few bytes of zlib can make. */
const MOST_INFLATED_BYTES = 33_554_432;

/**
 * The wire format of AWS Glue's serializers (awslabs/aws-glue-schema-registry): 3, the compression (0 none, 5 zlib),
 * the UUID of the schema's version. Protobuf: a varint comes next, the place of the message among all in the file.
 */
export function glueFraming({ hasMessage }: { readonly hasMessage: boolean }): Framing {
  return {
    schemaOf: (record) =>
      isFramed(record) ? uuidText(record.buffer, record.valueStart + 2) : undefined,
    open(record) {
      if (!isFramed(record)) {
        throw new UndecodableValue('must begin with 3, a compression and the UUID of a schema');
      }
      const { buffer, valueStart, valueEnd } = record;
      const compression = buffer[valueStart + 1];
      const position = { bytes: buffer, at: valueStart + FRAME_BYTES, end: valueEnd };
      if (compression === ZLIB) {
        position.bytes = inflated(buffer.subarray(position.at, valueEnd));
        position.at = 0;
        position.end = position.bytes.length;
      } else if (compression !== PLAIN) {
        throw new UndecodableValue(`must have compression ${PLAIN} or ${ZLIB}, got ${compression}`);
      }
      const message = hasMessage ? readVarint(position) : undefined;
      return { bytes: position.bytes, start: position.at, end: position.end, message };
    },
  };
}

function isFramed({ buffer, valueStart, valueEnd }: RecordView): boolean {
  return valueEnd - valueStart >= FRAME_BYTES && buffer[valueStart] === VERSION;
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: MOST_INFLATED_BYTES });
  } catch (cause) {
    const isBomb = cause instanceof RangeError;
    const why = isBomb
      ? `must be at most ${MOST_INFLATED_BYTES} bytes without its compression`
      : 'is not valid zlib behind its frame';
    throw new UndecodableValue(why, { cause });
  }
}

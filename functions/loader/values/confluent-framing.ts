import type { RecordView } from '../records.ts';
import type { SchemaId } from '../registry/schema-registry.ts';
import { type Framing, UUID_BYTES, uuidText } from './framing.ts';
import { lastHeader } from './last-header.ts';
import { UndecodableValue } from './undecodable.ts';
import { type BytePosition, readZigzag } from './varint.ts';

/**
 * Confluent's wire format: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/
 *
 * - a value begins with 0 and the schema's number in 4 bytes, big-endian, or with 1 and the schema's GUID;
 * - or the header `__value_schema_id` holds just that, and the value is bare;
 * - Protobuf: indexes of the message come next, their count first, in zigzag varints; a count of 0 is `[0]`.
 */
export function confluentFraming({ hasMessage }: { readonly hasMessage: boolean }): Framing {
  return {
    schemaOf(record) {
      const prefix = prefixIn(record);
      return prefix && idIn(prefix.bytes, prefix.at);
    },
    open(record) {
      const prefix = prefixIn(record);
      if (!prefix) {
        throw new UndecodableValue(
          'must begin with 0 or 1 and the id of a schema, or have the header __value_schema_id',
        );
      }
      const position: BytePosition = { ...prefix, at: prefix.at + sizeOf(prefix) };
      const message = hasMessage ? readIndexes(position) : undefined;
      const isInHeader = prefix.isHeader;
      const { buffer: bytes, valueStart, valueEnd: end } = record;
      return { bytes, start: isInHeader ? valueStart : position.at, end, message };
    },
  };
}

const HEADER = Buffer.from('__value_schema_id');
const NUMBER = 0;
const GUID = 1;
const NUMBER_BYTES = 4;

/** Levels of messages within each other. */
const MOST_INDEXES = 100;

interface Prefix {
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
  readonly isHeader: boolean;
}

function prefixIn(record: RecordView): Prefix | undefined {
  const header = record.headersCount > 0 ? lastHeader(record, HEADER) : undefined;
  const { buffer: bytes, valueStart: at, valueEnd: end } = record;
  const prefix = header
    ? { ...header, at: header.start, isHeader: true }
    : { bytes, at, end, isHeader: false };
  return prefix.end - prefix.at >= sizeOf(prefix) ? prefix : undefined;
}

/** Of the byte in front and the id; beyond any value for what is no frame. */
function sizeOf({ bytes, at }: Pick<Prefix, 'bytes' | 'at'>): number {
  switch (bytes[at]) {
    case NUMBER:
      return 1 + NUMBER_BYTES;
    case GUID:
      return 1 + UUID_BYTES;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function idIn(bytes: Buffer, at: number): SchemaId {
  return bytes[at] === NUMBER ? bytes.readUInt32BE(at + 1) : uuidText(bytes, at + 1);
}

function readIndexes(position: BytePosition): number[] {
  const count = readZigzag(position);
  if (count === 0) return [0];
  if (count < 0 || count > MOST_INDEXES) {
    throw new UndecodableValue(`must have 0-${MOST_INDEXES} indexes of its message, got ${count}`);
  }
  return Array.from({ length: count }, () => readZigzag(position));
}

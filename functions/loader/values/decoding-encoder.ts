import { LoadFailure } from '#shared/domain/failure.ts';
import type { RecordView } from '../records.ts';
import { RowBuffer } from '../rows/row-buffer.ts';
import type { RowEncoder } from '../rows/row-encoder.ts';
import type { SchemaFields } from './schema-fields.ts';
import { UndecodableValue } from './undecodable.ts';
import type { ValueReading } from './value-reading.ts';
import type { MessageIndex, ValueSchema } from './value-schema.ts';

/** Decoded values of usual size fit without growing. */
const SCRATCH_BYTES = 16_384;

/** What {@link decodingEncoder} can tell beside. */
export interface DecodingOptions {
  /** Called with what the schema of a value says of its fields, before its row is encoded. */
  readonly onFields?: (fields: SchemaFields) => void;
}

/**
 * An encoder that decodes values by their schemas, and gives the JSON to `encoder`. Records keep their keys and
 * headers; dead letters hold the values as they came, since only the encoder sees the decoded ones.
 *
 * Every schema must be known already: {@link awaitingSchemas} sees to it.
 */
export function decodingEncoder(
  encoder: RowEncoder,
  reading: ValueReading,
  { onFields }: DecodingOptions = {},
): RowEncoder {
  const decoded = new DecodedRecord();
  return {
    ...(encoder.header && { header: encoder.header }),
    ...(encoder.lastRows && { lastRows: () => encoder.lastRows?.() ?? 1 }),
    encode(record, out) {
      // It has no value to decode: the row that stands for it is JSON already.
      if (record.tombstone !== undefined) return encoder.encode(record, out);
      try {
        const { schema, message } = decoded.fill(record, reading);
        onFields?.(schema.fields(message));
      } catch (error) {
        if (error instanceof UndecodableValue) return { reason: error.message };
        throw error;
      }
      return encoder.encode(decoded, out);
    },
  };
}

/** A record whose value is JSON; one for all, as a {@link RecordView} is. */
class DecodedRecord implements RecordView {
  readonly #scratch = new RowBuffer(SCRATCH_BYTES);
  #record: RecordView | undefined;
  partition = 0;
  timestamp = 0;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  headersStart = 0;
  headersEnd = 0;
  headersCount = 0;

  get buffer(): Buffer {
    return this.#scratch.bytes;
  }

  get offset(): bigint {
    return this.#record?.offset ?? -1n;
  }

  /** @throws {UndecodableValue} */
  fill(record: RecordView, reading: ValueReading): Decoded {
    const scratch = this.#scratch;
    scratch.truncate(0);
    this.#record = record;
    this.partition = record.partition;
    this.timestamp = record.timestamp;
    this.keyStart = record.keyStart < 0 ? -1 : 0;
    if (record.keyStart >= 0) scratch.copy(record.buffer, record.keyStart, record.keyEnd);
    this.keyEnd = record.keyStart < 0 ? -1 : scratch.length;
    this.headersStart = scratch.length;
    scratch.copy(record.buffer, record.headersStart, record.headersEnd);
    this.headersEnd = scratch.length;
    this.headersCount = record.headersCount;
    this.valueStart = scratch.length;
    const decoded = decodeInto(record, reading, scratch);
    this.valueEnd = scratch.length;
    return decoded;
  }
}

/** By what a value was decoded. */
interface Decoded {
  readonly schema: ValueSchema;
  readonly message: MessageIndex | undefined;
}

function decodeInto(
  record: RecordView,
  { framing, schemas }: ValueReading,
  scratch: RowBuffer,
): Decoded {
  const id = framing.schemaOf(record);
  const payload = framing.open(record);
  const schema = id === undefined ? undefined : schemas.get(id);
  if (schema === undefined) {
    throw new LoadFailure('INTERNAL', `schema ${id} must be known before its values are decoded`);
  }
  if ('missing' in schema) throw new UndecodableValue(schema.missing);
  schema.decode(payload, scratch);
  return { schema, message: payload.message };
}

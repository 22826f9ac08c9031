import { LoadFailure } from '#shared/domain/failure.ts';
import type { RegisteredSchema } from '../../registry/schema-registry.ts';
import { bareFraming, singleObjectFraming } from '../bare-framing.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { ValueReading } from '../value-reading.ts';
import type { ValueSchema } from '../value-schema.ts';
import { AvroCursor } from './avro-cursor.ts';
import { avroFields } from './avro-fields.ts';
import { avroReader } from './avro-reader.ts';
import { parseAvroSchema } from './avro-types.ts';
import { fingerprintOf } from './fingerprint.ts';

/**
 * A schema of Avro. Values are read by the schema that they were written with: columns go by name, so no other
 * one is needed.
 *
 * @throws {UndecodableValue} for what is no schema
 */
export function avroSchema({
  text,
  references,
}: Pick<RegisteredSchema, 'text' | 'references'>): ValueSchema {
  const type = parseAvroSchema(text, references);
  const read = avroReader(type);
  const fields = avroFields(type);
  return {
    decode({ bytes, start, end }, out) {
      const cursor = new AvroCursor(bytes, start, end);
      read(cursor, out);
      const left = end - cursor.at;
      if (left > 0) throw new UndecodableValue(`${left} bytes are left behind the value`);
    },
    fields: () => fields,
  };
}

/**
 * How values are read that all have the schema of the job's own specification.
 *
 * @throws {LoadFailure} SCHEMA_MISMATCH when it is none
 */
export function inlineAvro(text: string, encoding: 'binary' | 'single-object'): ValueReading {
  try {
    const schema = avroSchema({ text, references: [] });
    const framing =
      encoding === 'binary'
        ? bareFraming
        : singleObjectFraming(fingerprintOf(parseAvroSchema(text)));
    const schemas = { get: () => schema, load: async () => {}, forgetMissing: () => {} };
    return { framing, schemas };
  } catch (cause) {
    if (!(cause instanceof UndecodableValue)) throw cause;
    throw new LoadFailure('SCHEMA_MISMATCH', `format.schema is ${cause.message}`, { cause });
  }
}

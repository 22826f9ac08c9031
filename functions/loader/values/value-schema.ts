import type { RowBuffer } from '../rows/row-buffer.ts';
import type { SchemaFields } from './schema-fields.ts';

/** Which message of a Protobuf file a value is: indexes from the outermost in, or Glue's one number. */
export type MessageIndex = readonly number[] | number;

/** The bytes of a value behind its frame. */
export interface Payload {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Protobuf only. */
  readonly message?: MessageIndex | undefined;
}

/** A schema, ready to decode values. */
export interface ValueSchema {
  /**
   * Appends the value as JSON.
   *
   * @throws {UndecodableValue}
   */
  decode(payload: Payload, out: RowBuffer): void;
  /**
   * The fields of its values; the same object for the same message.
   *
   * @param message of a value that could be decoded
   */
  fields(message?: MessageIndex): SchemaFields;
}

/** The most JSON that one value becomes: a few bytes of Avro can stand for any number of nulls. */
export const MOST_JSON_BYTES = 67_108_864;

/** Levels of records within each other. */
export const MOST_DEPTH = 100;

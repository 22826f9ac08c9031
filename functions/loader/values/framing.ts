import type { RecordView } from '../records.ts';
import type { SchemaId } from '../registry/schema-registry.ts';
import type { Payload } from './value-schema.ts';

/** How a value and the id of its schema go together. */
export interface Framing {
  /**
   * The id that a value names, looked at without opening it.
   *
   * @returns undefined for a value without a frame
   */
  schemaOf(record: RecordView): SchemaId | undefined;
  /** @throws {UndecodableValue} when there is no frame, or it does not fit */
  open(record: RecordView): Payload;
}

/** A UUID's 16 bytes as its text. */
export function uuidText(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + UUID_BYTES);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export const UUID_BYTES = 16;

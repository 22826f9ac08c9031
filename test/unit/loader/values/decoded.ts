import { RowBuffer } from '../../../../functions/loader/rows/row-buffer.ts';
import type {
  MessageIndex,
  ValueSchema,
} from '../../../../functions/loader/values/value-schema.ts';

/** The JSON text that a value becomes. */
export function decodedText(
  schema: ValueSchema,
  bytes: Uint8Array,
  message?: MessageIndex,
): string {
  const out = new RowBuffer(1_024);
  // In the midst of other bytes, as values stand in a batch.
  const buffer = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')]);
  schema.decode({ bytes: buffer, start: 6, end: 6 + bytes.length, message }, out);
  return out.bytes.toString('utf8', 0, out.length);
}

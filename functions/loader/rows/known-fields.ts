import type { RecordView } from '../records.ts';
import { JsonScanner } from './json-scanner.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { RowEncoder, RowFault } from './row-encoder.ts';

/**
 * An encoder of JSON objects that refuses those with a field that is not among `names`. It scans each value a
 * second time, which only those pay for who ask for it.
 */
export function knownFieldsOnly(encoder: RowEncoder, names: ReadonlySet<string>): RowEncoder {
  const scanner = new JsonScanner();
  /** By a field's place: the bytes of the key that was found to be known there last. */
  const known: Buffer[] = [];
  const unknownIn = ({ buffer, valueStart, valueEnd }: RecordView): string | undefined => {
    // What is no object is the encoder's to refuse.
    if (scanner.scan(buffer, valueStart, valueEnd) !== 'ok') return undefined;
    const { fields } = scanner;
    for (let field = 0; field < fields.count; field += 1) {
      const key = buffer.subarray(fields.keyStartOf(field), fields.keyEndOf(field));
      if (known[field]?.equals(key)) continue;
      const name: string = JSON.parse(key.toString());
      if (!names.has(name)) return name;
      known[field] = Buffer.from(key);
    }
    return undefined;
  };
  return {
    ...(encoder.header && { header: encoder.header }),
    encode(record: RecordView, out: RowBuffer): RowFault | undefined {
      const column = unknownIn(record);
      if (column === undefined) return encoder.encode(record, out);
      const reason = 'is not a known field, and policies.unknownColumns is reject';
      return { reason, column, policy: 'unknownColumns' };
    },
  };
}

import type { RecordView } from '../records.ts';
import { CLOSE_BRACE, COMMA, OPEN_BRACE } from './bytes.ts';
import { ColumnFinder } from './column-finder.ts';
import { scanObject } from './json-fault.ts';
import { JsonScanner } from './json-scanner.ts';
import type { AppendMetadata } from './metadata-columns.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { RowEncoder } from './row-encoder.ts';

const NULL = Buffer.from('null');

/**
 * JSON objects as lines: checked, and passed on byte by byte, white space around them left out.
 *
 * A line break between tokens becomes a space, which changes no value; nothing is parsed and printed again,
 * so 64-bit numbers, decimals, repeated keys and the order of fields stay as they came.
 */
export function jsonToNdjson(metadata?: AppendMetadata): RowEncoder {
  const scanner = new JsonScanner();
  return {
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      const rowAt = out.length;
      out.copy(record.buffer, scanner.start, scanner.end);
      if (scanner.lineBreaks) out.blankLineBreaks(rowAt);
      if (metadata) {
        out.truncate(out.length - 1);
        metadata(out, record, scanner.fields.count === 0);
        out.byte(CLOSE_BRACE);
      }
      return undefined;
    },
  };
}

/** As {@link jsonToNdjson}, but with the named fields only, in that order; a missing one is null. */
export function jsonFieldsToNdjson(
  columns: readonly string[],
  metadata?: AppendMetadata,
): RowEncoder {
  const scanner = new JsonScanner();
  const finder = new ColumnFinder(columns);
  const names = columns.map((column) => Buffer.from(`${JSON.stringify(column)}:`));
  const appendField = (out: RowBuffer, record: RecordView, field: number) => {
    const { fields } = scanner;
    if (field < 0) out.all(NULL);
    else out.copy(record.buffer, fields.valueStartOf(field), fields.valueEndOf(field));
  };
  return {
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      finder.find(record.buffer, scanner.fields);
      const rowAt = out.length;
      out.byte(OPEN_BRACE);
      names.forEach((name, column) => {
        if (column > 0) out.byte(COMMA);
        out.all(name);
        appendField(out, record, finder.fieldOf[column] as number);
      });
      if (scanner.lineBreaks) out.blankLineBreaks(rowAt);
      metadata?.(out, record, false);
      out.byte(CLOSE_BRACE);
      return undefined;
    },
  };
}

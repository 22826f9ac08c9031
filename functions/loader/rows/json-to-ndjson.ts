import type { RecordView } from '../records.ts';
import { CLOSE_BRACE, COLON, COMMA, OPEN_BRACE } from './bytes.ts';
import { ColumnFinder } from './column-finder.ts';
import { scanObject } from './json-fault.ts';
import type { TopLevelFields } from './json-fields.ts';
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
 *
 * @param added the names that `metadata` adds. A field of the value that has one of them is left out: of two of a name
 * some readers take the first, and DuckDB reads nothing of such a file
 */
export function jsonToNdjson(metadata?: AppendMetadata, added: readonly string[] = []): RowEncoder {
  const scanner = new JsonScanner();
  const { fields } = scanner;
  const finder = new ColumnFinder(added);
  const hasAdded = (from: Buffer) => {
    if (added.length === 0) return false;
    finder.find(from, fields);
    return finder.fieldOf.some((field) => field >= 0);
  };
  return {
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      const rowAt = out.length;
      let isEmpty = fields.count === 0;
      if (hasAdded(record.buffer)) isEmpty = appendOthers(out, record.buffer, { fields, added });
      else out.copy(record.buffer, scanner.start, scanner.end);
      if (scanner.lineBreaks) out.blankLineBreaks(rowAt);
      if (metadata) {
        out.truncate(out.length - 1);
        metadata(out, record, isEmpty);
        out.byte(CLOSE_BRACE);
      }
      return undefined;
    },
  };
}

/** Appends an object without the fields of these names. @returns whether none is left */
function appendOthers(
  out: RowBuffer,
  from: Buffer,
  { fields, added }: { readonly fields: TopLevelFields; readonly added: readonly string[] },
): boolean {
  let isEmpty = true;
  out.byte(OPEN_BRACE);
  for (let field = 0; field < fields.count; field += 1) {
    const [keyStart, keyEnd] = [fields.keyStartOf(field), fields.keyEndOf(field)];
    const name: string = JSON.parse(from.toString('utf8', keyStart, keyEnd));
    if (added.includes(name)) continue;
    if (!isEmpty) out.byte(COMMA);
    isEmpty = false;
    out.copy(from, keyStart, keyEnd);
    out.byte(COLON);
    out.copy(from, fields.valueStartOf(field), fields.valueEndOf(field));
  }
  out.byte(CLOSE_BRACE);
  return isEmpty;
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

import type { Deletion } from '#shared/domain/spec/deletion.ts';
import type { RecordView } from '../records.ts';
import { CLOSE_BRACE, COMMA, OPEN_BRACE } from './bytes.ts';
import { ColumnFinder } from './column-finder.ts';
import { ElementView } from './element-view.ts';
import { JsonScanner } from './json-scanner.ts';
import { appendJsonString } from './json-text.ts';
import type { AppendMetadata } from './metadata-columns.ts';
import { RowBuffer } from './row-buffer.ts';
import type { RowEncoder, RowFault } from './row-encoder.ts';
import { isUtf8Range } from './utf8.ts';

/** Adds to each row whether it deletes, as the last field, behind other metadata. */
export function deletionMark({ signColumn }: Deletion, metadata?: AppendMetadata): AppendMetadata {
  const name = Buffer.from(`${JSON.stringify(signColumn)}:`);
  return (out, record, first) => {
    const lengthBefore = out.length;
    metadata?.(out, record, first);
    if (!first || out.length > lengthBefore) out.byte(COMMA);
    out.all(name);
    out.integer(record.tombstone === 'delete' ? 1 : 0);
  };
}

/**
 * An encoder of JSON objects that turns tombstones into rows of the key alone: the fields of a key that is a JSON
 * object, or, where the table's key is one column, the key's text.
 */
export function deletingRows({ keyColumns }: Deletion, encoder: RowEncoder): RowEncoder {
  const keys = new KeyObject(keyColumns);
  return {
    ...(encoder.header && { header: encoder.header }),
    encode(record: RecordView, out: RowBuffer): RowFault | undefined {
      if (record.tombstone !== 'delete') return encoder.encode(record, out);
      return keys.make(record) ?? encoder.encode(keys.view, out);
    },
  };
}

/** A record's key as an object of key columns. */
class KeyObject {
  /** The record with the object that was made last as its value. */
  readonly view = new ElementView();
  readonly #columns: readonly string[];
  readonly #names: readonly Buffer[];
  readonly #finder: ColumnFinder;
  readonly #scanner = new JsonScanner();
  readonly #bytes = new RowBuffer(256);

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#names = columns.map((column) => Buffer.from(`${JSON.stringify(column)}:`));
    this.#finder = new ColumnFinder(columns);
  }

  /** @returns why the key is none of the table's, or undefined when {@link KeyObject.view} shows it */
  make(record: RecordView): RowFault | undefined {
    const { buffer, keyStart, keyEnd } = record;
    if (keyStart < 0) return { reason: 'deletes nothing: its key is null' };
    const out = this.#bytes;
    out.truncate(0);
    out.copy(buffer, keyStart, keyEnd);
    out.copy(buffer, record.headersStart, record.headersEnd);
    const start = out.length;
    const isObject = this.#scanner.scan(buffer, keyStart, keyEnd) === 'ok';
    const fault = isObject ? this.#fields(record) : this.#text(record);
    if (fault) return fault;
    const keyLength = keyEnd - keyStart;
    this.view.move(record, { buffer: out.bytes, keyLength, value: { start, end: out.length } });
    return undefined;
  }

  #fields({ buffer }: RecordView): RowFault | undefined {
    const { fields } = this.#scanner;
    this.#finder.find(buffer, fields);
    const missing = this.#finder.fieldOf.indexOf(-1);
    if (missing >= 0) {
      return {
        reason: 'deletes nothing: its key has no such field',
        column: this.#columns[missing],
      };
    }
    const out = this.#bytes;
    this.#names.forEach((name, i) => {
      const field = this.#finder.fieldOf[i] as number;
      out.byte(i === 0 ? OPEN_BRACE : COMMA);
      out.all(name);
      out.copy(buffer, fields.valueStartOf(field), fields.valueEndOf(field));
    });
    out.byte(CLOSE_BRACE);
    return undefined;
  }

  #text({ buffer, keyStart, keyEnd }: RecordView): RowFault | undefined {
    const [name, ...others] = this.#names;
    if (name === undefined || others.length > 0) {
      return {
        reason: `deletes nothing: its key must be a JSON object of ${this.#columns.join(', ')}`,
      };
    }
    if (!isUtf8Range(buffer, keyStart, keyEnd)) {
      return { reason: 'deletes nothing: its key is not valid UTF-8' };
    }
    const out = this.#bytes;
    out.byte(OPEN_BRACE);
    out.all(name);
    appendJsonString(out, buffer, keyStart, keyEnd);
    out.byte(CLOSE_BRACE);
    return undefined;
  }
}

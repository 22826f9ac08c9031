import type { MetadataColumn } from '#shared/domain/job-spec.ts';
import type { RecordView } from '../records.ts';
import { COMMA } from './bytes.ts';
import { appendCsvText } from './csv-text.ts';
import { appendJsonBytes, textOfBytes } from './json-text.ts';
import { appendHeaders } from './record-headers.ts';
import { RowBuffer } from './row-buffer.ts';

/** Appends one fact of a record. */
type Append = (out: RowBuffer, record: RecordView) => void;

/** Appends the chosen facts of a record behind its row. `first`: nothing stands before them. */
export type AppendMetadata = (out: RowBuffer, record: RecordView, first: boolean) => void;

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/*
 * - _offset, _partition and _timestamp are numbers; _timestamp is epoch ms, null for a record without one;
 * - _key is text: the key itself when it is UTF-8, else `base64:` and its base64; null stays null;
 * - _deleted is true for a tombstone that deletes, else false;
 * - _headers is a JSON array of [name, value] pairs by the same rule, in CSV the text of that array.
 */

/**
 * Metadata as fields of a JSON object, to be put in front of its closing brace. Fields of the same names of its own
 * must be left out.
 */
export function jsonMetadata(columns: readonly MetadataColumn[], topic: string): AppendMetadata {
  const fields = columns.map((column) => ({
    name: Buffer.from(`${JSON.stringify(column)}:`),
    append: jsonValue(column, topic),
  }));
  return (out, record, first) => {
    let comma = !first;
    for (const field of fields) {
      if (comma) out.byte(COMMA);
      comma = true;
      out.all(field.name);
      field.append(out, record);
    }
  };
}

function jsonValue(column: MetadataColumn, topic: string): Append {
  const topicText = Buffer.from(JSON.stringify(topic));
  switch (column) {
    case '_topic':
      return (out) => out.all(topicText);
    case '_partition':
      return (out, record) => out.integer(record.partition);
    case '_offset':
      return (out, record) => out.integer(record.offset);
    case '_timestamp':
      return (out, record) =>
        record.timestamp < 0 ? out.all(NULL) : out.integer(record.timestamp);
    case '_key':
      return (out, record) =>
        record.keyStart < 0
          ? out.all(NULL)
          : appendJsonBytes(out, record.buffer, record.keyStart, record.keyEnd);
    case '_headers':
      return appendHeaders;
    case '_deleted':
      return (out, record) => out.all(record.tombstone === 'delete' ? TRUE : FALSE);
  }
}

/** Metadata as the last columns of a CSV row. */
export function csvMetadata(columns: readonly MetadataColumn[], topic: string): AppendMetadata {
  const appends = columns.map((column) => csvValue(column, topic));
  return (out, record, first) => {
    let comma = !first;
    for (const append of appends) {
      if (comma) out.byte(COMMA);
      comma = true;
      append(out, record);
    }
  };
}

function csvValue(column: MetadataColumn, topic: string): Append {
  const scratch = new RowBuffer(256);
  // Kafka's rule for topic names leaves no character that would have to be quoted.
  const topicText = Buffer.from(topic);
  switch (column) {
    case '_topic':
      return (out) => out.all(topicText);
    case '_partition':
    case '_offset':
    case '_deleted':
      return jsonValue(column, topic);
    case '_timestamp':
      return (out, record) => {
        if (record.timestamp >= 0) out.integer(record.timestamp);
      };
    case '_key':
      return (out, record) => {
        if (record.keyStart < 0) return;
        const text = textOfBytes(record.buffer, record.keyStart, record.keyEnd);
        appendCsvText(out, text, 0, text.length);
      };
    case '_headers':
      return (out, record) => {
        scratch.truncate(0);
        appendHeaders(scratch, record);
        appendCsvText(out, scratch.bytes, 0, scratch.length);
      };
  }
}

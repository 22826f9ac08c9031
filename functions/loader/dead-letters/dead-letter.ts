import type { OversizedRecords, RecordView } from '../records.ts';
import { CLOSE_BRACKET, COMMA, LF, OPEN_BRACKET } from '../rows/bytes.ts';
import { appendJsonString } from '../rows/json-text.ts';
import { recordHeaders } from '../rows/record-headers.ts';
import type { RowBuffer } from '../rows/row-buffer.ts';
import type { RowFault } from '../rows/row-encoder.ts';
import { isUtf8Range } from '../rows/utf8.ts';

/**
 * Appends a bad row as a line that holds all of its record, so that it can be loaded again:
 * `{"topic", "partition", "offset", "timestamp", "column", "reason", "key", "headers", "value"}`.
 *
 * - The offset is a string, since it has 64 bits; the timestamp is in epoch ms, null for a record without one.
 * - A key or value that is not UTF-8 stands as base64 in `keyBase64` or `valueBase64` instead; null is null.
 * - Headers are `[name, value]` pairs in their order; a part that is not UTF-8 is `{"base64": "..."}`.
 *
 * `parseDeadLetter` reads it back.
 *
 * @throws {LoadFailure} CORRUPT_BATCH when the headers do not end where the record says
 */
export function appendDeadLetter(
  out: RowBuffer,
  record: RecordView,
  { topic, column, reason }: RowFault & { readonly topic: string },
): void {
  const { partition, offset, timestamp } = record;
  const head = {
    topic,
    partition,
    offset: String(offset),
    timestamp: timestamp < 0 ? null : timestamp,
    column: column ?? null,
    reason,
  };
  out.text(JSON.stringify(head).slice(0, -1));
  appendBytes(out, 'key', rangeOf(record, record.keyStart, record.keyEnd));
  appendHeaders(out, record);
  appendBytes(out, 'value', rangeOf(record, record.valueStart, record.valueEnd));
  out.text('}');
  out.byte(LF);
}

/**
 * Appends records that could not be read as one line, which tells where they are and how large: the offset is that
 * of the first, `withheldBytes` is the size of their batch. They cannot be loaded again from it.
 */
export function appendWithheld(out: RowBuffer, records: OversizedRecords, topic: string): void {
  const { partition, from, bytes, reason } = records;
  const line = {
    topic,
    partition,
    offset: String(from),
    timestamp: null,
    column: null,
    reason,
    key: null,
    headers: [],
    withheldBytes: bytes,
  };
  out.text(JSON.stringify(line));
  out.byte(LF);
}

function rangeOf({ buffer }: RecordView, start: number, end: number): Buffer | undefined {
  return start < 0 ? undefined : buffer.subarray(start, end);
}

function appendBytes(out: RowBuffer, name: string, bytes: Buffer | undefined): void {
  if (bytes === undefined) {
    out.text(`,"${name}":null`);
  } else if (isUtf8Range(bytes, 0, bytes.length)) {
    out.text(`,"${name}":`);
    appendJsonString(out, bytes, 0, bytes.length);
  } else {
    out.text(`,"${name}Base64":"${bytes.toString('base64')}"`);
  }
}

/** Not as `_headers` shows them, where a text may look like base64 of something else. */
function appendHeaders(out: RowBuffer, record: RecordView): void {
  out.text(',"headers":[');
  let comma = false;
  for (const [name, value] of recordHeaders(record)) {
    if (comma) out.byte(COMMA);
    comma = true;
    out.byte(OPEN_BRACKET);
    appendPart(out, name);
    out.byte(COMMA);
    appendPart(out, value);
    out.byte(CLOSE_BRACKET);
  }
  out.byte(CLOSE_BRACKET);
}

function appendPart(out: RowBuffer, part: Buffer | null): void {
  if (part === null) out.text('null');
  else if (isUtf8Range(part, 0, part.length)) appendJsonString(out, part, 0, part.length);
  else out.text(`{"base64":"${part.toString('base64')}"}`);
}

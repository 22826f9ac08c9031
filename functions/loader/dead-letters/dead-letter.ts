import type { RecordView } from '../records.ts';
import { LF } from '../rows/bytes.ts';
import { appendJsonString } from '../rows/json-text.ts';
import type { RowBuffer } from '../rows/row-buffer.ts';
import type { RowFault } from '../rows/row-encoder.ts';
import { isUtf8Range } from '../rows/utf8.ts';

/** A record as it came. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Epoch ms; -1 when none. */
  readonly timestamp: number;
  /** Undefined for null. */
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
}

/** The record of a view; like that, valid only during the call. */
export function rawRecord(view: RecordView): RawRecord {
  const { buffer, partition, offset, timestamp } = view;
  const range = (start: number, end: number) =>
    start < 0 ? undefined : buffer.subarray(start, end);
  return {
    partition,
    offset,
    timestamp,
    key: range(view.keyStart, view.keyEnd),
    value: range(view.valueStart, view.valueEnd),
  };
}

/**
 * Appends a bad row as a line: `{"topic", "partition", "offset", "timestamp", "column", "reason", "key", "value"}`.
 *
 * The offset is a string, since it has 64 bits. A key or value that is not UTF-8 stands as base64 in `keyBase64`
 * or `valueBase64` instead; null is null.
 */
export function appendDeadLetter(
  out: RowBuffer,
  record: RawRecord,
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
  appendBytes(out, 'key', record.key);
  appendBytes(out, 'value', record.value);
  out.text('}');
  out.byte(LF);
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

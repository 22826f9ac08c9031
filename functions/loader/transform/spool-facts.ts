import type { MetadataColumn } from '#shared/domain/spec/metadata.ts';
import type { RecordView } from '../records.ts';
import { textOfBytes } from '../rows/json-text.ts';
import { appendHeaders } from '../rows/record-headers.ts';
import type { RowBuffer } from '../rows/row-buffer.ts';
import { appendSpoolText, SPOOL_SEPARATOR } from './spool-text.ts';

/** Appends facts of a record behind its cells. `first`: nothing stands before them. */
export type AppendFacts = (out: RowBuffer, record: RecordView, first: boolean) => void;

/** Facts as the last cells of a line, in the forms that metadata columns have everywhere. */
export function spoolFacts(facts: readonly MetadataColumn[], topic: string): AppendFacts {
  const appends = facts.map((fact) => appendOf(fact, Buffer.from(topic)));
  return (out, record, first) => {
    let separate = !first;
    for (const append of appends) {
      if (separate) out.byte(SPOOL_SEPARATOR);
      separate = true;
      append(out, record);
    }
  };
}

function appendOf(
  fact: MetadataColumn,
  topic: Buffer,
): (out: RowBuffer, record: RecordView) => void {
  switch (fact) {
    case '_topic':
      return (out) => out.all(topic);
    case '_partition':
      return (out, record) => out.integer(record.partition);
    case '_offset':
      return (out, record) => out.integer(record.offset);
    case '_timestamp':
      return (out, record) => {
        if (record.timestamp >= 0) out.integer(record.timestamp);
      };
    case '_key':
      return (out, { buffer, keyStart, keyEnd }) => {
        if (keyStart < 0) return;
        const text = textOfBytes(buffer, keyStart, keyEnd);
        appendSpoolText(out, text, 0, text.length);
      };
    case '_deleted':
      return (out, record) => out.text(String(record.tombstone === 'delete'));
    case '_headers':
      // JSON, without a control character in it.
      return appendHeaders;
  }
}

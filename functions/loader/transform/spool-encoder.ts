import type { MetadataColumn } from '#shared/domain/spec/metadata.ts';
import type { RecordView } from '../records.ts';
import { COMMA } from '../rows/bytes.ts';
import { ColumnFinder } from '../rows/column-finder.ts';
import { csvToCsv } from '../rows/csv-rows.ts';
import { appendCsvText } from '../rows/csv-text.ts';
import { scanObject } from '../rows/json-fault.ts';
import { JsonScanner } from '../rows/json-scanner.ts';
import { appendCompactJson } from '../rows/json-text.ts';
import { JsonCells } from '../rows/json-to-csv.ts';
import { jsonToNdjson } from '../rows/json-to-ndjson.ts';
import { type AppendMetadata, csvMetadata, jsonMetadata } from '../rows/metadata-columns.ts';
import { rawToCsv } from '../rows/raw-rows.ts';
import { RowBuffer } from '../rows/row-buffer.ts';
import type { RowEncoder, RowFault } from '../rows/row-encoder.ts';
import { isUtf8Range } from '../rows/utf8.ts';
import type { RowPlan } from './row-plan.ts';
import type { SpoolCell, SpoolLayout } from './spool-layout.ts';

const LOWER_N = 0x6e;

/** Turns values into lines of the spool. Values that are no values of their format are bad rows already here. */
export function makeSpoolEncoder(plan: RowPlan, layout: SpoolLayout, topic: string): RowEncoder {
  const facts = csvMetadata(layout.facts, topic);
  const format = plan.valueFormat;
  switch (format.type) {
    case 'json':
      return jsonSpool(layout.cells, facts, wholeOf(plan.metadata, topic));
    case 'csv': {
      const columns = layout.cells.map((cell) => (cell.kind === 'whole' ? '' : cell.field));
      return columns.length === 0
        ? factsOnly(csvToCsv({ format, names: [] }), facts)
        : csvToCsv({ format, columns, names: [], metadata: facts });
    }
    case 'raw':
      return rawSpool(layout.cells, facts);
  }
}

function wholeOf(metadata: readonly MetadataColumn[], topic: string): RowEncoder {
  return jsonToNdjson(metadata.length > 0 ? jsonMetadata(metadata, topic) : undefined);
}

/** A line for a value of which no field is wanted, but which must be one all the same. */
function factsOnly(checked: RowEncoder, facts: AppendMetadata): RowEncoder {
  return {
    encode(record, out) {
      const rowAt = out.length;
      const fault = checked.encode(record, out);
      out.truncate(rowAt);
      if (!fault) facts(out, record, true);
      return fault;
    },
  };
}

function rawSpool(cells: readonly SpoolCell[], facts: AppendMetadata): RowEncoder {
  const encoder = rawToCsv([], facts);
  return {
    encode(record, out) {
      const { buffer, valueStart, valueEnd } = record;
      if (!isUtf8Range(buffer, valueStart, valueEnd)) return { reason: 'not valid UTF-8' };
      if (cells.length > 0) return encoder.encode(record, out);
      facts(out, record, true);
      return undefined;
    },
  };
}

function jsonSpool(
  cells: readonly SpoolCell[],
  facts: AppendMetadata,
  whole: RowEncoder,
): RowEncoder {
  const scanner = new JsonScanner();
  const fields = [...new Set(cells.flatMap((cell) => (cell.kind === 'whole' ? [] : [cell.field])))];
  const finder = new ColumnFinder(fields);
  const places = cells.map((cell) => (cell.kind === 'whole' ? -1 : fields.indexOf(cell.field)));
  const append = new SpoolCells();
  return {
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      finder.find(record.buffer, scanner.fields);
      for (const [i, cell] of cells.entries()) {
        if (i > 0) out.byte(COMMA);
        if (cell.kind === 'whole') {
          append.whole(whole, record, out);
          continue;
        }
        const field = finder.fieldOf[places[i] as number] as number;
        if (field < 0) continue;
        const start = scanner.fields.valueStartOf(field);
        const value = { start, end: scanner.fields.valueEndOf(field) };
        const cellFault = append.cell(cell, out, { from: record.buffer, value });
        if (cellFault) return cellFault;
      }
      facts(out, record, cells.length === 0);
      return undefined;
    },
  };
}

class SpoolCells {
  readonly #text = new JsonCells();
  readonly #scratch = new RowBuffer(1_024);

  cell(
    cell: Exclude<SpoolCell, { kind: 'whole' }>,
    out: RowBuffer,
    { from, value }: { from: Buffer; value: { start: number; end: number } },
  ): RowFault | undefined {
    if (cell.kind === 'text') {
      if (this.#text.append(out, from, value)) return undefined;
      return { reason: 'holds half of a surrogate pair, which no text can', column: cell.field };
    }
    if (from[value.start] === LOWER_N) return undefined;
    this.#scratch.truncate(0);
    appendCompactJson(this.#scratch, from, value.start, value.end);
    appendCsvText(out, this.#scratch.bytes, 0, this.#scratch.length);
    return undefined;
  }

  /** The value was scanned before, so this finds no fault. */
  whole(encoder: RowEncoder, record: RecordView, out: RowBuffer): void {
    this.#scratch.truncate(0);
    encoder.encode(record, this.#scratch);
    appendCsvText(out, this.#scratch.bytes, 0, this.#scratch.length);
  }
}

import { runEnd, stopsAt } from '../rows/byte-run.ts';
import { BACKSLASH, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../rows/bytes.ts';
import { ColumnFinder } from '../rows/column-finder.ts';
import { CsvFields } from '../rows/csv-fields.ts';
import { scanObject } from '../rows/json-fault.ts';
import { JsonScanner } from '../rows/json-scanner.ts';
import { appendCompactJson } from '../rows/json-text.ts';
import { jsonToNdjson } from '../rows/json-to-ndjson.ts';
import { jsonMetadata } from '../rows/metadata-columns.ts';
import type { RowBuffer } from '../rows/row-buffer.ts';
import type { RowEncoder, RowFault } from '../rows/row-encoder.ts';
import { isUtf8Range } from '../rows/utf8.ts';
import type { RowPlan } from './row-plan.ts';
import { type AppendFacts, spoolFacts } from './spool-facts.ts';
import type { SpoolCell, SpoolLayout } from './spool-layout.ts';
import { appendSpoolText, SPOOL_SEPARATOR } from './spool-text.ts';

const LOWER_N = 0x6e;
const BACKSLASHES = stopsAt(BACKSLASH);

/**
 * Levels within each other that the engine gets: some of its JSON functions recurse, and end the whole process some
 * 100,000 levels down. It is what Jackson reads at most.
 */
const MOST_DEPTH = 1_000;

/** Turns values into lines of the spool. Values that are no values of their format are bad rows already here. */
export function makeSpoolEncoder(plan: RowPlan, layout: SpoolLayout, topic: string): RowEncoder {
  const facts = spoolFacts(layout.facts, topic);
  const format = plan.valueFormat;
  switch (format.type) {
    case 'json': {
      const added = plan.metadata.length > 0 ? jsonMetadata(plan.metadata, topic) : undefined;
      return jsonSpool(layout.cells, facts, jsonToNdjson(added, plan.metadata));
    }
    case 'csv':
      return csvSpool(layout.cells, facts, new CsvFields(format));
    case 'raw':
      return rawSpool(layout.cells, facts);
  }
}

function rawSpool(cells: readonly SpoolCell[], facts: AppendFacts): RowEncoder {
  return {
    encode(record, out) {
      const { buffer, valueStart, valueEnd } = record;
      if (!isUtf8Range(buffer, valueStart, valueEnd)) return { reason: 'not valid UTF-8' };
      if (cells.length > 0) appendSpoolText(out, buffer, valueStart, valueEnd);
      facts(out, record, cells.length === 0);
      return undefined;
    },
  };
}

/** An empty field is null, an enclosed empty one a text without characters. */
function csvSpool(cells: readonly SpoolCell[], facts: AppendFacts, fields: CsvFields): RowEncoder {
  const places = cells.map((cell) => (cell.kind === 'whole' ? -1 : fields.placeOf(cell.field)));
  return {
    encode(record, out) {
      const fault = fields.scan(record);
      if (fault) return fault;
      for (const [i, place] of places.entries()) {
        if (i > 0) out.byte(SPOOL_SEPARATOR);
        const { bytes, start, end, isEnclosed } = fields.contentOf(place, record.buffer);
        if (start < end || isEnclosed) appendSpoolText(out, bytes, start, end);
      }
      facts(out, record, places.length === 0);
      return undefined;
    },
  };
}

function jsonSpool(cells: readonly SpoolCell[], facts: AppendFacts, whole: RowEncoder): RowEncoder {
  const scanner = new JsonScanner();
  const fields = [...new Set(cells.flatMap((cell) => (cell.kind === 'whole' ? [] : [cell.field])))];
  const finder = new ColumnFinder(fields);
  const places = cells.map((cell) => (cell.kind === 'whole' ? -1 : fields.indexOf(cell.field)));
  return {
    encode(record, out) {
      const fault = scanObject(scanner, record);
      if (fault) return fault;
      if (scanner.depth > MOST_DEPTH) return tooDeep(scanner.depth);
      finder.find(record.buffer, scanner.fields);
      for (let i = 0; i < cells.length; i += 1) {
        const cell = cells[i] as SpoolCell;
        if (i > 0) out.byte(SPOOL_SEPARATOR);
        if (cell.kind === 'whole') {
          // Scanned already, so this finds no fault; a line has no control character in it.
          whole.encode(record, out);
          continue;
        }
        const field = finder.fieldOf[places[i] as number] as number;
        if (field < 0) continue;
        const start = scanner.fields.valueStartOf(field);
        const end = scanner.fields.valueEndOf(field);
        if (cell.kind === 'json') appendJson(out, record.buffer, start, end);
        else if (!appendText(out, record.buffer, start, end)) return halfPair(cell.field);
      }
      facts(out, record, cells.length === 0);
      return undefined;
    },
  };
}

function tooDeep(depth: number): RowFault {
  return { reason: `is nested ${depth} levels deep, mapped values may have ${MOST_DEPTH}` };
}

function halfPair(column: string): RowFault {
  return { reason: 'holds half of a surrogate pair, which no text can', column };
}

/** A value's JSON; null as nothing. */
function appendJson(out: RowBuffer, from: Buffer, start: number, end: number): void {
  const first = from[start];
  if (first === LOWER_N) return;
  if (first === OPEN_BRACE || first === OPEN_BRACKET) appendCompactJson(out, from, start, end);
  else out.copy(from, start, end);
}

/**
 * A value as text: a string's content, the digits of a number, the JSON of objects and arrays; null as nothing.
 *
 * @returns false when the value is a string that has no UTF-8 form
 */
function appendText(out: RowBuffer, from: Buffer, start: number, end: number): boolean {
  if (from[start] !== QUOTE) {
    appendJson(out, from, start, end);
    return true;
  }
  if (runEnd(BACKSLASHES, from, start + 1, end - 1) === end - 1) {
    // Without escapes there is no control character either.
    if (start + 2 < end) out.copy(from, start + 1, end - 1);
    else appendSpoolText(out, from, start, start);
    return true;
  }
  const text: string = JSON.parse(from.toString('utf8', start, end));
  if (!text.isWellFormed()) return false;
  const bytes = Buffer.from(text);
  appendSpoolText(out, bytes, 0, bytes.length);
  return true;
}

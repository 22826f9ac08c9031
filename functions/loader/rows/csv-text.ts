import { runEnd, stopsAt } from './byte-run.ts';
import { COMMA, CR, LF, QUOTE } from './bytes.ts';
import { RowBuffer } from './row-buffer.ts';

/*
 * CSV as RFC 4180 writes it, except that lines end in LF alone: with CRLF, readers that are told "\n" (the
 * default of Doris and StarRocks) would find a CR in the last column.
 */

/** 1 for what a field must be quoted for. */
const SPECIAL = stopsAt(COMMA, QUOTE, LF, CR);

/**
 * Appends `[start, end)` as a field, quoted where it must be. A text without bytes is written `""`, so that
 * it differs from null, which is written as nothing.
 */
export function appendCsvText(out: RowBuffer, from: Buffer, start: number, end: number): void {
  let at = runEnd(SPECIAL, from, start, end);
  if (at === end && start < end) {
    out.copy(from, start, end);
    return;
  }
  out.byte(QUOTE);
  let runAt = start;
  for (; at < end; at += 1) {
    if (from[at] !== QUOTE) continue;
    out.copy(from, runAt, at + 1);
    out.byte(QUOTE);
    runAt = at + 1;
  }
  out.copy(from, runAt, end);
  out.byte(QUOTE);
}

/**
 * Ends a row that begins at `rowAt`: a row whose one field is null would be an empty line, which readers
 * skip, so it becomes `""`.
 */
export function endCsvRow(out: RowBuffer, rowAt: number): void {
  if (out.length > rowAt) return;
  out.byte(QUOTE);
  out.byte(QUOTE);
}

/** The line of column names; none for none. */
export function csvHeader(columns: readonly string[]): Buffer | undefined {
  if (columns.length === 0) return undefined;
  const line = new RowBuffer(256);
  columns.forEach((column, i) => {
    const name = Buffer.from(column);
    if (i > 0) line.byte(COMMA);
    appendCsvText(line, name, 0, name.length);
  });
  line.byte(LF);
  return line.take();
}

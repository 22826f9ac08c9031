import { runEnd, stopsAt } from '../rows/byte-run.ts';
import { CR, LF } from '../rows/bytes.ts';
import type { RowBuffer } from '../rows/row-buffer.ts';

/**
 * The dialect of spool files: CSV whose separator and quote are control characters. JSON has none in it, so
 * that it stands as it is, and text hardly ever, so that nearly all is copied in one piece.
 */
export const SPOOL_SEPARATOR = 0x02;
export const SPOOL_QUOTE = 0x01;

const SPECIAL = stopsAt(SPOOL_SEPARATOR, SPOOL_QUOTE, LF, CR);

/** Appends `[start, end)` as a cell. A text without bytes differs from null, which is written as nothing. */
export function appendSpoolText(out: RowBuffer, from: Buffer, start: number, end: number): void {
  let at = runEnd(SPECIAL, from, start, end);
  if (at === end && start < end) {
    out.copy(from, start, end);
    return;
  }
  out.byte(SPOOL_QUOTE);
  let runAt = start;
  for (; at < end; at += 1) {
    if (from[at] !== SPOOL_QUOTE) continue;
    out.copy(from, runAt, at + 1);
    out.byte(SPOOL_QUOTE);
    runAt = at + 1;
  }
  out.copy(from, runAt, end);
  out.byte(SPOOL_QUOTE);
}

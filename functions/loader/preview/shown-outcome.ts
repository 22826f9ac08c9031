import type { PreviewedRecord } from '#shared/domain/preview.ts';
import type { Outcome } from './outcome.ts';
import type { TextFormat } from './row-texts.ts';
import { jsonBytes, shownRow } from './shown-values.ts';

/** What a row takes beside its bytes, and its record for what is said of all. */
const COMMA_BYTES = 1;
const FRAME_BYTES = 80;
const LEAST_ROW_BYTES = 40;

/** What is shown of an outcome, in about so many bytes. */
export function shownOutcome(
  outcome: Outcome,
  { format, room }: { readonly format: TextFormat; readonly room: number },
): Partial<PreviewedRecord> {
  if (!('rows' in outcome)) return outcome;
  const rows: unknown[] = [];
  let left = Math.max(room - FRAME_BYTES, LEAST_ROW_BYTES);
  let isAnyShortened = false;
  for (const text of outcome.rows) {
    // Only the first row may take all there is: of others the whole ones say more.
    const { row, isShortened } = shownRow(text, format, left);
    if (isShortened && rows.length > 0) break;
    rows.push(row);
    isAnyShortened ||= isShortened;
    left -= jsonBytes(row) + COMMA_BYTES;
    if (left < LEAST_ROW_BYTES) break;
  }
  const leftOut = outcome.elements - rows.length;
  return {
    rows,
    ...(leftOut > 0 && { rowsLeftOut: leftOut }),
    ...(isAnyShortened && { shortened: true as const }),
  };
}

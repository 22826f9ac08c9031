import { runEnd, stopsAt } from './byte-run.ts';
import { CR, LF } from './bytes.ts';
import { appendCsvText, csvHeader } from './csv-text.ts';
import type { AppendMetadata } from './metadata-columns.ts';
import type { RowEncoder } from './row-encoder.ts';

const LINE_BREAKS = stopsAt(LF, CR);

/**
 * Values as lines, their bytes unchecked. Only a value with a line break is refused: nothing is known of
 * its format, so there is no way to keep it one line. CR counts, for some readers end a line there.
 */
export function rawToNdjson(): RowEncoder {
  return {
    encode({ buffer, valueStart, valueEnd }, out) {
      const at = runEnd(LINE_BREAKS, buffer, valueStart, valueEnd);
      if (at < valueEnd) {
        return {
          reason: `line break at byte ${at - valueStart}: a raw value with one cannot be one line of ndjson`,
        };
      }
      out.copy(buffer, valueStart, valueEnd);
      return undefined;
    },
  };
}

/** Values as CSV's first column, their bytes unchecked, quoted where they must be. */
export function rawToCsv(names: readonly string[], metadata?: AppendMetadata): RowEncoder {
  return {
    header: csvHeader(names),
    encode(record, out) {
      appendCsvText(out, record.buffer, record.valueStart, record.valueEnd);
      metadata?.(out, record, false);
      return undefined;
    },
  };
}

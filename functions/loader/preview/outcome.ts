import type { PreviewedRecord } from '#shared/domain/preview.ts';
import { type TaskStatistics, totalCounts } from '#shared/domain/task.ts';
import type { RecordView } from '../records.ts';
import type { RowWriters } from '../row-writers.ts';
import { RowTexts, type TextFormat } from './row-texts.ts';
import { OWNED_ROW } from './shown-transform.ts';
import { beginningOf } from './shown-values.ts';

/** What became of one record: rows, or why there is none. */
export type Outcome =
  | { readonly rows: readonly string[]; readonly elements: number }
  | Required<Pick<PreviewedRecord, 'rejected'>>
  | Required<Pick<PreviewedRecord, 'filtered'>>
  | Required<Pick<PreviewedRecord, 'skipped'>>;

/** So much of the rows of one record is looked at; the rest is only counted. */
const MOST_BYTES = 1_048_576;

/** One record's work is little. */
const CHUNK_BYTES = 65_536;

/** Of a reason: engines are verbose. */
const REASON_BYTES = 500;

const NO_LIMITS = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

/** What becomes of a record, by a writer of its own: so it is certain. */
export async function outcomeOf(
  record: RecordView,
  { writers, format }: { readonly writers: RowWriters; readonly format: TextFormat },
): Promise<Outcome> {
  const texts = new RowTexts(MOST_BYTES);
  const rows = writers.make({ writer: texts, limits: NO_LIMITS, chunkBytes: CHUNK_BYTES });
  rows.accept(record);
  await rows.drain();
  const statistics = await rows.finish();
  const total = totalCounts(statistics.counts);
  if (total.rows === 0) return whyNoRow(statistics);
  const elements = statistics.elements ?? total.rows;
  const written = elements === 1 ? [texts.whole()] : texts.rows(format);
  const isOwned = writers.transform !== undefined;
  return { rows: isOwned ? written.map((row) => row.replace(OWNED_ROW, '')) : written, elements };
}

function whyNoRow({ counts, badRows, policies }: TaskStatistics): Outcome {
  const { rejected, filtered } = totalCounts(counts);
  if (rejected > 0) {
    const [bad] = badRows;
    return rejectedFor(bad?.reason ?? 'no reason is known', bad?.column);
  }
  if (filtered > 0) return { filtered: true };
  const [applied] = policies;
  return applied ? skippedBy(applied) : { skipped: 'an array without elements' };
}

/** The outcome of a bad record. */
export function rejectedFor(reason: string, column: string | undefined): Outcome {
  const shown = beginningOf(reason, REASON_BYTES);
  return { rejected: column === undefined ? { reason: shown } : { column, reason: shown } };
}

/** The outcome of a record that a policy leaves out. */
export function skippedBy({ policy, action }: { policy: string; action: string }): Outcome {
  return { skipped: `policies.${policy} is ${action}` };
}

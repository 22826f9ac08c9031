import type { JobSpec } from '#shared/domain/job-spec.ts';
import { totalCounts } from '#shared/domain/task.ts';
import { parseDeadLetter } from '../dead-letters/parse-dead-letter.ts';
import type { RecordView } from '../records.ts';
import type { RowWriters } from '../row-writers.ts';
import { valuelessFate } from '../rows/valueless.ts';
import { type Outcome, rejectedFor, skippedBy } from './outcome.ts';
import { RowTexts, type TextFormat } from './row-texts.ts';
import { OWNED_ROW } from './shown-transform.ts';

/** Of all rows, and of all dead letters. */
const MOST_BYTES = 67_108_864;

const NO_LIMITS = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

/**
 * What becomes of records that an engine maps, all by one writer: an engine needs as long for a hundred as for one.
 *
 * @returns the outcomes that are certain, by place; others are asked for one by one
 */
export async function outcomesTogether(
  records: readonly RecordView[],
  work: { readonly writers: RowWriters; readonly format: TextFormat; readonly spec: JobSpec },
): Promise<Map<string, Outcome>> {
  const texts = new RowTexts(MOST_BYTES);
  const letters = new RowTexts(MOST_BYTES);
  const keep = (chunk: Uint8Array) => letters.write(chunk);
  const writer = work.writers.make({ writer: texts, keep, limits: NO_LIMITS });
  for (const record of records) {
    writer.accept(record);
    await writer.drain();
  }
  const { counts } = await writer.finish();
  if (texts.isCut || letters.isCut) return new Map();
  const outcomes = new Map<string, Outcome>([
    ...rowsByPlace(texts.rows(work.format)),
    ...letters.rows('json').map(rejection),
  ]);
  for (const record of records) {
    const fate = valuelessFate(record, work.spec.policies);
    if (fate?.action === 'skip') outcomes.set(placeOf(record), skippedBy(fate));
  }
  const skipped = [...outcomes.values()].filter((outcome) => 'skipped' in outcome).length;
  const hasEmptyArrays = totalCounts(counts).skipped !== skipped;
  for (const record of records) {
    if (!hasEmptyArrays && !outcomes.has(placeOf(record))) {
      outcomes.set(placeOf(record), { filtered: true });
    }
  }
  return outcomes;
}

/** Where a record stands, as a text. */
export function placeOf({ partition, offset }: Pick<RecordView, 'partition' | 'offset'>): string {
  return `${partition} ${offset}`;
}

function rowsByPlace(owned: readonly string[]): Map<string, Outcome> {
  const rows = new Map<string, string[]>();
  for (const row of owned) {
    const [owner = '', partition, offset] = OWNED_ROW.exec(row) ?? [];
    const place = `${partition} ${offset}`;
    const known = rows.get(place);
    if (known) known.push(row.slice(owner.length));
    else rows.set(place, [row.slice(owner.length)]);
  }
  return new Map([...rows].map(([place, its]) => [place, { rows: its, elements: its.length }]));
}

function rejection(line: string): [string, Outcome] {
  const { partition, offset, reason, column } = parseDeadLetter(line);
  return [placeOf({ partition, offset }), rejectedFor(reason, column)];
}

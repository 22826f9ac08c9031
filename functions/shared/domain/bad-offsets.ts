import { countOffsets, type OffsetRanges, spansOf } from './offset-ranges.ts';

/**
 * The bad records of a slice whose destination has no place for them. The topic has them for as long as it
 * keeps records, so their offsets are all that is needed to load them again.
 *
 * Only what is certain is `known`: a record that was loaded and is taken for a bad one would be loaded twice.
 */
export interface BadOffsets {
  /** Kafka's id of the topic that they are of; absent where brokers tell none. */
  readonly topicId?: string | undefined;
  readonly known: OffsetRanges;
  /** Bad records that the destination counted, and did not name. */
  readonly notListed: number;
  /** Bad records that were known, and too many: {@link MOST_RANGES}. */
  readonly notKept: number;
}

/**
 * A slice's bad records are kept as at most so many ranges of neighbours: scattered over one partition they take 20 KB
 * of an item's 400, and over a thousand partitions with offsets of 19 digits 120.
 */
export const MOST_RANGES = 5_000;

/** Bad records that can never be loaded again. */
export interface LostLetters {
  readonly notListed: number;
  readonly notKept: number;
  /** The topic has them no more. */
  readonly gone: number;
}

/** What of bad records is lost already, before the topic is asked for the others. */
export function lostOf(letters: readonly Pick<BadOffsets, 'notListed' | 'notKept'>[]): LostLetters {
  let notListed = 0;
  let notKept = 0;
  for (const each of letters) {
    notListed += each.notListed;
    notKept += each.notKept;
  }
  return { notListed, notKept, gone: 0 };
}

/** Whether anything is lost. */
export function isLost({ notListed, notKept, gone }: LostLetters): boolean {
  return notListed + notKept + gone > 0;
}

/** Offsets that are known, of all of them. */
export function countKnown(letters: readonly Pick<BadOffsets, 'known'>[]): number {
  return letters.reduce((sum, { known }) => sum + countOffsets(known), 0);
}

/** A fetch brings no less where there is more. */
const FETCH_BYTES = 65_536;

/** About how many bytes are read to have them again, by the bytes of a record. */
export function bytesToRead({ known }: Pick<BadOffsets, 'known'>, recordBytes: number): number {
  const spans = spansOf(known);
  const turns = [...spans.values()].reduce((sum, each) => sum + each.length, 0);
  return Math.ceil(countOffsets(spans) * recordBytes) + turns * FETCH_BYTES;
}

import type { OffsetRange } from '../domain/offsets.ts';

/**
 * Ranges of one partition as a short text, e.g. `1200,4+3` for offset 1200 and offsets 1205 to 1207: each number is
 * the distance from the end of the range before, the first from zero, and behind `+` stands a length other than one.
 */

const TEXT = /^\d{1,19}(\+\d{1,19})?(,\d{1,19}(\+\d{1,19})?)*$/;

/** The text of ranges that are in their order. */
export function textOfRanges(ranges: readonly OffsetRange[]): string {
  let end = 0n;
  const parts = ranges.map(({ from, to }) => {
    const distance = from - end;
    end = to;
    return to - from === 1n ? String(distance) : `${distance}+${to - from}`;
  });
  return parts.join(',');
}

/** The ranges in a text, or `undefined` when it is none. */
export function rangesInText(text: string): OffsetRange[] | undefined {
  if (!TEXT.test(text)) return undefined;
  let end = 0n;
  return text.split(',').map((part) => {
    const [distance = '', length = '1'] = part.split('+');
    const from = end + BigInt(distance);
    end = from + BigInt(length);
    return { from, to: end };
  });
}

import * as z from 'zod';
import type { LeaderEpochs } from '../domain/leader-epochs.ts';

/**
 * {@link LeaderEpochs} as a short text, since a lane of thousands of partitions has little room left. Each part is an
 * epoch, before it and `:` the distance from the partition before (the first from 0) where that is not the last
 * distance again, and behind it and `*` for how many partitions in a row: `0:7,5:7*99,9` for partition 0, for the 99
 * partitions 5 to 495, and for partition 500, whose epoch is another.
 */

/**
 * Characters at most: what a lane's item has left of 400 KB with 3,500 partitions and the longest offsets. That is
 * enough for as many partitions with epochs of four digits that all differ; partitions beyond it go without.
 */
const MOST_CHARACTERS = 18_000;

const PART = /^(?:(\d{1,7}):)?(\d{1,10})(?:\*(\d{1,7}))?$/;

/** Partitions at equal distances, in a row, with the same epoch. */
interface Run {
  readonly distance: number;
  readonly epoch: number;
  count: number;
}

/** The text of epochs, in whatever order they come. */
export function storeEpochs(epochs: LeaderEpochs): string {
  let text = '';
  let distance: number | undefined;
  for (const run of runsOf(epochs)) {
    const before = run.distance === distance ? '' : `${run.distance}:`;
    const part = `${before}${run.epoch}${run.count > 1 ? `*${run.count}` : ''}`;
    if (text.length + part.length >= MOST_CHARACTERS) break;
    text += text === '' ? part : `,${part}`;
    distance = run.distance;
  }
  return text;
}

/** The text as {@link LeaderEpochs}. */
export const storedEpochs = z.string().transform((text, context): LeaderEpochs => {
  const epochs = new Map<number, number>();
  let partition = 0;
  let distance = 0;
  for (const part of text === '' ? [] : text.split(',')) {
    const [matched, before = String(distance), epoch, count = '1'] = PART.exec(part) ?? [];
    if (matched === undefined) {
      context.addIssue({ code: 'custom', message: 'must be epochs by partition' });
      return z.NEVER;
    }
    distance = Number(before);
    for (let left = Number(count); left > 0; left -= 1) {
      partition += distance;
      epochs.set(partition, Number(epoch));
    }
  }
  return epochs;
});

function runsOf(epochs: LeaderEpochs): Run[] {
  const runs: Run[] = [];
  let last = 0;
  for (const [partition, epoch] of [...epochs].sort(([a], [b]) => a - b)) {
    const distance = partition - last;
    const run = runs.at(-1);
    if (run?.distance === distance && run.epoch === epoch) run.count += 1;
    else runs.push({ distance, epoch, count: 1 });
    last = partition;
  }
  return runs;
}

import type { BadOffsets } from '#shared/domain/bad-offsets.ts';
import type { OffsetRanges } from '#shared/domain/offset-ranges.ts';
import type { OffsetMap, Slice } from '#shared/domain/offsets.ts';
import { type TaskStatistics, totalCounts } from '#shared/domain/task.ts';
import type { RowsJudged } from '../sinks/sink.ts';
import type { NotedOffsets, RecordPosition } from './noted-offsets.ts';

/** What is known of the bad rows of a slice when its destination has judged it. */
export interface BadRowsKnown {
  /** Those that we rejected. */
  readonly noted: NotedOffsets;
  /** Absent where the destination takes rows as they are. */
  readonly judged: RowsJudged | undefined;
  /** What was read: nothing else can be bad. */
  readonly read: OffsetRanges;
  readonly statistics: Pick<TaskStatistics, 'counts'>;
  readonly topicId: string | undefined;
}

/**
 * The bad records of a slice by their offsets; undefined when there are none.
 *
 * What a destination lists is believed only as a whole: where it lists more rows than it has rejected, or one that
 * was not sent, its log means something else than we take it for, and none of its rows is known.
 */
export function badOffsetsOf(known: BadRowsKnown): BadOffsets | undefined {
  const { noted, judged, topicId } = known;
  const { rejected } = totalCounts(known.statistics.counts);
  if (rejected === 0) return undefined;
  const listed = believed(judged, known.read);
  for (const position of listed) noted.add(position);
  return {
    ...(topicId !== undefined && { topicId }),
    known: noted.ranges(),
    notListed: rejected - noted.noted - noted.notKept,
    notKept: noted.notKept,
  };
}

/** Each once, in their order, so that neighbours become one range. */
function believed(judged: RowsJudged | undefined, read: OffsetRanges): RecordPosition[] {
  const byPlace = new Map<string, RecordPosition>();
  for (const each of judged?.listed ?? []) byPlace.set(`${each.partition}/${each.offset}`, each);
  const listed = [...byPlace.values()];
  if (listed.length > (judged?.rejected ?? 0)) return [];
  if (!listed.every((position) => holds(read, position))) return [];
  return listed.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
}

function holds(ranges: OffsetRanges, { partition, offset }: RecordPosition): boolean {
  return ranges.get(partition)?.some(({ from, to }) => from <= offset && offset < to) ?? false;
}

/** What was read of a slice, as ranges. */
export function rangesRead(slice: Slice, to: OffsetMap): OffsetRanges {
  return new Map(
    [...slice].map(([partition, { from }]) => [
      partition,
      [{ from, to: to.get(partition) ?? from }],
    ]),
  );
}

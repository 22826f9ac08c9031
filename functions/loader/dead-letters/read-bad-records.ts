import { type BadOffsets, countKnown } from '#shared/domain/bad-offsets.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import {
  countOffsets,
  eachRange,
  mergeRanges,
  type OffsetRanges,
} from '#shared/domain/offset-ranges.ts';
import type { Slice } from '#shared/domain/offsets.ts';
import type { RecordConsumer, SliceReader, SliceRequest } from '../records.ts';
import { ListedRecords } from './listed-records.ts';

/** What {@link readBadRecords} reads. The topic's id is that of the topic that the job loads now. */
export interface BadRecordsRequest extends Omit<SliceRequest, 'slice'> {
  readonly reader: SliceReader;
  readonly letters: readonly BadOffsets[];
}

/** What it came to. */
export interface BadRecordsRead {
  /** The records that were asked for. */
  readonly wanted: OffsetRanges;
  /** How many offsets the topic has no more. */
  readonly gone: number;
}

/**
 * Hands bad records to a consumer once more, read from the topic at their offsets and nowhere else.
 *
 * - Where the log has lost some, by retention or compaction, the others are read.
 * - Offsets of a topic that was created anew since are other records: they are never read, and count as gone.
 *
 * @throws {LoadFailure} OUT_OF_TIME at the deadline, since there is no place at which a part could end;
 * DEAD_LETTERS_UNAVAILABLE where a log ends before them; KAFKA_ERROR where nobody tells where it begins; else what
 * the reader raises
 */
export async function readBadRecords(
  { reader, letters, ...request }: BadRecordsRequest,
  consumer: RecordConsumer,
): Promise<BadRecordsRead> {
  const current = letters.filter(({ topicId }) => topicId === request.topicId);
  const wanted = mergeRanges(current.flatMap(({ known }) => [...eachRange(known)]));
  const listed = new ListedRecords(wanted, consumer);
  for (let slice = listed.nextSlice(); slice.size > 0; slice = listed.nextSlice()) {
    try {
      const { to } = await reader.read({ ...request, slice }, listed);
      requireProgress(slice, to);
      for (const [partition, position] of to) listed.leave(partition, position);
    } catch (error) {
      const { partition, logStart } = logStartIn(error);
      listed.leave(partition, logStart);
    }
  }
  const others = countKnown(letters.filter((each) => !current.includes(each)));
  return { wanted, gone: countOffsets(wanted) - listed.delivered + others };
}

function requireProgress(slice: Slice, to: ReadonlyMap<number, bigint>): void {
  if ([...slice].some(([partition, { from }]) => (to.get(partition) ?? from) > from)) return;
  throw new LoadFailure(
    'OUT_OF_TIME',
    'bad rows could not be read from the topic again in the time of a task',
  );
}

/** Where the log begins that has lost the beginning of what is wanted. @throws any other failure */
function logStartIn(error: unknown): { readonly partition: number; readonly logStart: bigint } {
  if (!(error instanceof LoadFailure) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
  const { partition, offset, logStart } = error.facts;
  const isKnown = typeof logStart === 'bigint' && typeof offset === 'bigint';
  if (isKnown && typeof partition === 'number' && offset < logStart) return { partition, logStart };
  // A log that was cut off at its end may have other records there by and by.
  const code = isKnown ? 'DEAD_LETTERS_UNAVAILABLE' : 'KAFKA_ERROR';
  const message = `bad rows cannot be read from the topic again: ${error.message}`;
  throw new LoadFailure(code, message, { cause: error, facts: error.facts });
}

import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { OversizedRecords, RecordConsumer } from '../records.ts';
import { LF } from '../rows/bytes.ts';
import type { Sink } from '../sinks/sink.ts';
import { parseDeadLetter } from './parse-dead-letter.ts';

/** What {@link readDeadLetters} reads, and until when. */
export interface DeadLettersRequest {
  readonly sink: Sink;
  /** Where the sink has them, in its own words. */
  readonly locations: readonly string[];
  /** Epoch ms. */
  readonly deadline: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

/**
 * Hands the records in dead letters to a consumer, as reading the topic would: all of them, since there is no
 * place at which a part could end. Memory is bounded by a chunk and a line.
 *
 * @throws {LoadFailure} OUT_OF_TIME at the deadline, RECORD_TOO_LARGE, DEAD_LETTERS_UNAVAILABLE, CORRUPT_BATCH, or the destination's;
 * the signal's reason when it is aborted
 */
export async function readDeadLetters(
  request: DeadLettersRequest,
  consumer: RecordConsumer,
): Promise<void> {
  for (const location of request.locations) {
    for await (const lines of linesOf(contentOf(request.sink, location))) {
      for (const line of lines) {
        const { record, withheld } = parseDeadLetter(line);
        if (record !== undefined) consumer.accept(record);
        if (withheld !== undefined) passOver(withheld, consumer);
      }
      await consumer.drain();
      goOn(request);
    }
  }
}

/** A record that was too large to be read is not in its letter: where it may be left out, it is kept as it was. */
function passOver(withheld: OversizedRecords, consumer: RecordConsumer): void {
  if (consumer.passOver?.(withheld)) return;
  const { partition, from: offset, reason } = withheld;
  throw new LoadFailure(
    'RECORD_TOO_LARGE',
    `the dead letter of offset ${offset} of partition ${partition} does not hold its record, and policies.oversizedRecord is not skip: ${reason}`,
    { facts: { partition, offset } },
  );
}

function contentOf(sink: Sink, location: string): AsyncIterable<Uint8Array> {
  const content = sink.readDeadLetters?.(location);
  if (content) return content;
  throw new LoadFailure(
    'DEAD_LETTERS_UNAVAILABLE',
    'the destination keeps no dead letters, so there are none to load again',
  );
}

function goOn({ signal, onProgress, clock, deadline }: DeadLettersRequest): void {
  signal.throwIfAborted();
  onProgress();
  if (clock.now() < deadline) return;
  throw new LoadFailure(
    'OUT_OF_TIME',
    'dead letters could not be loaded again in the time of a task',
  );
}

/** The lines that end in each chunk, as text; only LF ends one. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const lines: string[] = [];
    let at = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      lines.push(bytes.toString('utf8', at, end));
      at = end + 1;
    }
    rest = bytes.subarray(at);
    yield lines;
  }
  if (rest.length > 0) yield [Buffer.from(rest).toString('utf8')];
}

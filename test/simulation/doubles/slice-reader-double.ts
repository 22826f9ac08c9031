import { LoadFailure } from '#shared/domain/failure.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import type {
  RecordConsumer,
  RecordView,
  SliceReader,
  SliceRequest,
} from '../../../functions/loader/records.ts';
import type { Calls } from '../engine/calls.ts';
import type { Faults } from '../engine/faults.ts';
import type { Process } from '../engine/process.ts';
import type { Random } from '../engine/random.ts';
import { epochAt, type RecordKind, rowAt, type Topic } from './topic.ts';

/** What reading needs. `now` is the process' own clock. */
export interface SliceReaderDoubleDeps {
  readonly process: Process;
  readonly calls: Calls;
  readonly faults: Pick<Faults, 'happens'>;
  readonly random: Random;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly now: () => number;
}

const CUT_SHORT = 0.3;
const UNREADABLE = 0.1;

/** A record as the reader hands it over; its bytes are made only where somebody looks at them. */
export class RecordDouble implements RecordView {
  partition = 0;
  offset = 0n;
  row = 0;
  kind: RecordKind = 'row';
  readonly timestamp = -1;
  readonly keyStart = -1;
  readonly keyEnd = -1;
  readonly headersStart = 0;
  readonly headersEnd = 0;
  readonly headersCount = 0;

  get valueStart(): number {
    return this.kind === 'tombstone' ? -1 : 0;
  }

  get valueEnd(): number {
    return this.kind === 'tombstone' ? -1 : this.#text().length;
  }

  get buffer(): Buffer {
    return Buffer.from(this.#text());
  }

  #text(): string {
    return this.kind === 'bad' ? '{"row":' : `{"row":${this.row}}`;
  }
}

/** Reads a topic's records as the loader's own reader does, one fetch per partition. */
export function makeSliceReaderDouble(deps: SliceReaderDoubleDeps): SliceReader {
  return {
    async read(request, consumer) {
      request.signal.throwIfAborted();
      const topic = deps.topics.get(request.topic) as Topic;
      const to = new Map<number, bigint>();
      for (const [partition, { from }] of request.slice) to.set(partition, from);
      for (const partition of request.slice.keys()) {
        await fetch(deps, { request, topic, partition });
        request.signal.throwIfAborted();
        request.onProgress();
        to.set(partition, handOver(deps, { request, topic, partition }, consumer));
        if (!(await consumer.drain()) || deps.now() >= request.deadline) break;
      }
      return { to, epochs: epochsBefore(request, to), ends: topic.ends(request.slice.keys()) };
    },
  };
}

/** Of a partition of which nothing was read only what the request says is known. */
function epochsBefore({ slice, epochs }: SliceRequest, to: OffsetMap): LeaderEpochs {
  const known = new Map(epochs);
  for (const [partition, { from }] of slice) {
    const end = to.get(partition) ?? from;
    if (end > from) known.set(partition, epochAt(end - 1n));
  }
  return known;
}

function fetch(
  deps: SliceReaderDoubleDeps,
  {
    request,
    topic,
    partition,
  }: { readonly request: SliceRequest; readonly topic: Topic; readonly partition: number },
) {
  const unreachable = () => new LoadFailure('BROKER_UNREACHABLE', 'the leader does not answer');
  return deps.calls.perform(deps.process, {
    kind: 'kafka',
    isPrivate: true,
    effect: async () => {
      if (request.topicId !== undefined && request.topicId !== topic.id) {
        throw new LoadFailure('TOPIC_RECREATED', `topic ${topic.name} is another one now`);
      }
      if (!deps.faults.happens('record-unreadable', UNREADABLE)) return;
      const code = deps.random.pick(['CORRUPT_BATCH', 'RECORD_TOO_LARGE'] as const);
      throw new LoadFailure(code, 'a batch that cannot be read');
    },
    refused: unreachable,
    lost: unreachable,
    describe: () => `fetch ${request.topic}/${partition}`,
  });
}

/** @returns where the partition stands then */
function handOver(
  deps: SliceReaderDoubleDeps,
  at: { readonly request: SliceRequest; readonly topic: Topic; readonly partition: number },
  consumer: RecordConsumer,
): bigint {
  const { from, to } = at.request.slice.get(at.partition) as { from: bigint; to: bigint };
  const { first, start } = at.topic.log(at.partition);
  if (from < to && from < start) {
    throw new LoadFailure(
      'OFFSET_OUT_OF_RANGE',
      `offset ${from} of partition ${at.partition} is gone`,
      { facts: { partition: at.partition, offset: from, logStart: start } },
    );
  }
  const record = new RecordDouble();
  record.partition = at.partition;
  for (let offset = from; offset < to; offset += 1n) {
    if (deps.faults.happens('read-cut-short', CUT_SHORT)) return offset;
    record.kind = at.topic.kindAt(at.partition, offset);
    if (record.kind === 'hole') continue;
    record.offset = offset;
    record.row = rowAt(at.partition, Number(offset - first), at.topic.life);
    consumer.accept(record);
  }
  return to;
}

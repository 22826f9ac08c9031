import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Slice } from '#shared/domain/offsets.ts';
import type { PreviewRequest } from '#shared/domain/preview.ts';
import type { KafkaClusters } from '#shared/kafka/cluster.ts';
import type { SliceReader } from '../records.ts';
import { lookAtLog } from './look-at-log.ts';
import { type Picked, PickedRecords } from './picked-records.ts';
import { planReading, type Reach, sliceOf } from './plan-reading.ts';

/** What reading the records of a preview needs. */
export interface ReadRecordsDeps {
  readonly clusters: KafkaClusters;
  readonly reader: SliceReader;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What was read. */
export interface RecordsRead {
  readonly picked: readonly Picked[];
  /** Where they were looked for. */
  readonly slice: Slice;
}

/** ms for one look; a log that has less to give in it shows less. */
const READ_MS = 15_000;

/** Tried one after the other while records are missing. */
const REACHES: readonly Reach[] = [
  { factor: 4n, more: 16n },
  { factor: 64n, more: 1_024n },
];

/**
 * Reads the records that a preview asks for, or fewer where the log has more holes than it is worth to look through.
 *
 * @throws {LoadFailure} what a slice reader raises and {@link lookAtLog} does, and OUT_OF_TIME when nothing came
 */
export async function readRecords(
  { spec, from, maxRecords }: PreviewRequest,
  deps: ReadRecordsDeps,
): Promise<RecordsRead> {
  const { kafka } = spec.source;
  const { topicId, parts } = await lookAtTopic(deps, { spec, from });
  const wanted = planReading(parts, maxRecords);
  const mayPassOver = spec.policies.oversizedRecord === 'skip';
  let read: RecordsRead = { picked: [], slice: new Map() };
  for (const reach of wanted.size > 0 ? REACHES : []) {
    const slice = sliceOf(wanted, reach);
    const consumer = new PickedRecords(wanted, { mayPassOver });
    const { to } = await deps.reader.read(
      {
        cluster: kafka,
        topic: kafka.topic,
        topicId,
        slice,
        isolation: kafka.isolation,
        deadline: deps.clock.now() + READ_MS,
        signal: deps.signal,
        onProgress: () => {},
      },
      consumer,
    );
    const picked = consumer.all();
    // A second look that ran out of time may have less to show than the first.
    if (picked.length >= read.picked.length) read = { picked, slice };
    requireSomething(read, to);
    if (!consumer.isShort) break;
  }
  return read;
}

async function lookAtTopic(
  { clusters }: ReadRecordsDeps,
  { spec, from }: Pick<PreviewRequest, 'spec' | 'from'>,
) {
  const cluster = await clusters.connect(spec.source.kafka);
  try {
    return await lookAtLog(cluster, spec.source.kafka, from);
  } finally {
    await cluster.close();
  }
}

function requireSomething({ picked, slice }: RecordsRead, to: ReadonlyMap<number, bigint>): void {
  const isRead = [...slice].every(([partition, range]) => to.get(partition) === range.to);
  if (isRead || picked.length > 0) return;
  throw new LoadFailure('OUT_OF_TIME', `no record could be read within ${READ_MS} ms`);
}

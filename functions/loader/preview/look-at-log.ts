import { LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaSource, OffsetsSpec } from '#shared/domain/job-spec.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { type LogView, resolveOffset, timestampOf } from '#shared/domain/start-offsets.ts';
import type { KafkaCluster, TopicDescription } from '#shared/kafka/cluster.ts';
import type { LogPart } from './plan-reading.ts';

/** A topic, as far as a preview looks at it. */
export interface TopicLog {
  readonly topicId: string | undefined;
  readonly parts: ReadonlyMap<number, LogPart>;
}

type Source = Pick<KafkaSource, 'topic' | 'partitions' | 'isolation'>;

/**
 * Asks a cluster what there is of a topic, from the offsets that are wanted on.
 *
 * @throws {LoadFailure} TOPIC_NOT_FOUND, PARTITION_NOT_FOUND, OFFSET_OUT_OF_RANGE for an offset that the log does not
 * have, and the cluster's
 */
export async function lookAtLog(
  cluster: KafkaCluster,
  source: Source,
  from: OffsetsSpec,
): Promise<TopicLog> {
  const { topic, isolation } = source;
  const described = (await cluster.describeTopics([topic])).get(topic);
  if (described === undefined) {
    throw new LoadFailure('TOPIC_NOT_FOUND', `topic ${topic} does not exist`, { facts: { topic } });
  }
  const partitions = partitionsOf(described, source, from);
  const ask = { topic, partitions, isolation };
  const time = timestampOf(from);
  const [earliest, latest, atTime] = await Promise.all([
    cluster.listOffsets({ ...ask, at: 'earliest' }),
    cluster.listOffsets({ ...ask, at: 'latest' }),
    time === undefined ? new Map() : cluster.listOffsets({ ...ask, at: { timestampMs: time } }),
  ]);
  const at: ReadonlyMap<number, OffsetMap> =
    time === undefined ? new Map() : new Map([[time, atTime]]);
  const log = { earliest, latest, at };
  const parts = partitions.map((partition) => [partition, partOf(partition, from, log)] as const);
  return { topicId: described.topicId, parts: new Map(parts) };
}

function partitionsOf(
  { partitions: all }: TopicDescription,
  { topic, partitions: fixed }: Source,
  from: OffsetsSpec,
): readonly number[] {
  const isList = typeof from === 'object' && timestampOf(from) === undefined;
  const wanted = isList ? Object.keys(from).map(Number) : (fixed ?? all);
  const unknown = wanted.filter((partition) => !all.includes(partition));
  if (unknown.length === 0) return [...wanted].sort((a, b) => a - b);
  throw new LoadFailure(
    'PARTITION_NOT_FOUND',
    `topic ${topic} has ${all.length} partitions, not: ${unknown.slice(0, 10).join(', ')}`,
    { facts: { topic, partitions: unknown } },
  );
}

function partOf(partition: number, from: OffsetsSpec, log: LogView): LogPart {
  const begin = log.earliest.get(partition) ?? 0n;
  const end = log.latest.get(partition) ?? begin;
  const position = typeof from === 'object' ? Reflect.get(from, String(partition)) : from;
  if (position === 'latest') return { side: 'last', from: begin, to: end };
  const start = resolveOffset(from, partition, log) ?? begin;
  if (start >= begin && start <= end) return { side: 'first', from: start, to: end };
  throw new LoadFailure(
    'OFFSET_OUT_OF_RANGE',
    `partition ${partition} has the offsets ${begin} to ${end}, got ${start}`,
    { facts: { partition, begin, end, offset: start } },
  );
}

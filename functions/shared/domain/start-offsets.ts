import type { OffsetsSpec } from './job-spec.ts';
import type { OffsetMap } from './offsets.ts';

/** What a cluster says about a topic's log: its ends, and offsets by time for the times that were asked. */
export interface LogView {
  readonly earliest: OffsetMap;
  readonly latest: OffsetMap;
  /** Epoch ms to the first offset at or after it per partition. */
  readonly at: ReadonlyMap<number, OffsetMap>;
}

/**
 * The time (epoch ms) that an offsets form names, if it names one. Before 1970 it is 1970: no record is older, and to
 * Kafka -1 would mean the log's end, not the millisecond before.
 */
export function timestampOf(spec: OffsetsSpec | undefined): number | undefined {
  if (typeof spec !== 'object' || !('timestamp' in spec)) return undefined;
  return typeof spec.timestamp === 'string' ? Math.max(0, Date.parse(spec.timestamp)) : undefined;
}

/**
 * The offset that an offsets form gives a partition; `undefined` when the form is a list that does not
 * name the partition, or the log view lacks the answer.
 */
export function resolveOffset(
  spec: OffsetsSpec,
  partition: number,
  log: LogView,
): bigint | undefined {
  const time = timestampOf(spec);
  if (time !== undefined) return log.at.get(time)?.get(partition);
  const position = typeof spec === 'string' ? spec : positionOf(spec, partition);
  if (position === undefined) return undefined;
  if (position === 'earliest') return log.earliest.get(partition);
  if (position === 'latest') return log.latest.get(partition);
  return BigInt(position);
}

function positionOf(spec: object, partition: number): string | undefined {
  return (spec as Readonly<Record<string, string>>)[String(partition)];
}

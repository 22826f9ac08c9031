import { divide, laneCount } from '#shared/domain/division.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import { addLane, type Job } from '#shared/domain/job.ts';
import type { OffsetsSpec } from '#shared/domain/job-spec.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { epochsOf } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { isRecreated, topicRecreated } from '#shared/domain/recreated-topic.ts';
import { resolveOffset } from '#shared/domain/start-offsets.ts';
import type { TopicDescription } from '#shared/kafka/cluster.ts';
import type { Action, LaneDraft, Observed, SourceView } from './observed.ts';
import { placeAll } from './plan-placement.ts';
import { changeNote, pauseFor } from './plan-reason.ts';
import { currentLanes } from './plan-tasks.ts';

/**
 * The division of a job in NEED_SCHEDULE whose old tasks are all gone: which partitions, from which
 * offsets, over how many lanes, and whether there is room.
 */
export function planDivision(observed: Observed, source: SourceView, now: number): Action[] {
  const { job } = observed;
  const behind = source.topic && whyBehind(observed, source.topic);
  if (behind) return changeNote(job, { code: 'KAFKA_ERROR', message: behind, at: now });
  const refusal = refuse(job, source);
  if (refusal) return [refusal];

  const partitions = partitionsToLoad(observed, source);
  const n = laneCount({
    partitions: partitions.length,
    desiredConcurrency: job.spec.desiredConcurrency,
    aliveWorkers: observed.aliveWorkers,
  });
  const noRoom = whyNoRoom(observed, n);
  if (noRoom) return changeNote(job, { ...noRoom, at: now });

  const known = knownOffsets(observed, source.topic);
  const placed = placeAll(observed, source, { partitions, known });
  if (placed instanceof LoadFailure) return [pauseFor(placed)];
  const until = boundsOf(observed, source, partitions);
  const lanes = divide(partitions, n).map(
    (mine): LaneDraft => ({
      next: pick(placed.next, mine),
      epochs: epochsOf(placed.epochs, mine),
      kept: pick(placed.kept, mine),
      ends: pick(source.latest, mine),
      ...(until && { until: pick(until, mine) }),
    }),
  );
  return [
    {
      kind: 'divide',
      lanes,
      topicId: source.topic?.topicId,
      totals: currentLanes(observed).reduce(addLane, job.totals),
      detail: { lanes: n, partitions: partitions.length },
      jumps: placed.jumps,
    },
  ];
}

/** A topic that is missing, is another one than it was, or lacks a partition that the job names. */
function refuse(job: Job, { topic }: SourceView): Action | undefined {
  const { topic: name, partitions = [] } = job.spec.source.kafka;
  if (topic === undefined) {
    const message = `topic ${name} does not exist`;
    // Final only while nothing was loaded: a broker that restarts can deny a topic for a moment.
    if (job.generation > 0) return pauseFor(new LoadFailure('TOPIC_NOT_FOUND', message));
    return { kind: 'change-state', to: 'CANCELLED', code: 'TOPIC_NOT_FOUND', message };
  }
  if (isRecreated(job, topic) && job.seek === undefined) {
    return pauseFor(topicRecreated(name));
  }
  const missing = partitions.filter((partition) => !topic.partitions.includes(partition));
  if (missing.length === 0) return undefined;
  return pauseFor(
    new LoadFailure(
      'PARTITION_NOT_FOUND',
      `topic ${name} has partitions 0 to ${topic.partitions.length - 1}, the job names ${missing.join(', ')}`,
    ),
  );
}

/**
 * Why the cluster's answer is too old to divide by. Partitions never go away while a topic lives, but brokers hear
 * of new ones one after the other. A division that left out a partition would forget where it stands, and the
 * next one would load it from its beginning once more.
 */
function whyBehind(observed: Observed, topic: TopicDescription): string | undefined {
  const missing = [...knownOffsets(observed, topic).keys()].filter(
    (partition) => !topic.partitions.includes(partition),
  );
  if (missing.length === 0) return undefined;
  return `the broker does not know of partitions ${missing.slice(0, 20).join(', ')}, which the job has loaded from; it must catch up first`;
}

/** Where the partitions stand. */
function knownOffsets(observed: Observed, topic: TopicDescription | undefined): OffsetMap {
  return new Map(lanesOf(observed, topic).flatMap((lane) => [...lane.next]));
}

/** The lanes that count; of no use for a topic that took the place of the one that they were made for. */
function lanesOf(observed: Observed, topic: TopicDescription | undefined): readonly Lane[] {
  return topic && isRecreated(observed.job, topic) ? [] : currentLanes(observed);
}

/** Fixed ones, or all; a bounded job keeps the partitions that it began with. */
function partitionsToLoad(observed: Observed, source: SourceView): readonly number[] {
  const { partitions, endOffsets } = observed.job.spec.source.kafka;
  if (partitions) return partitions;
  const known = [...knownOffsets(observed, source.topic).keys()];
  if (endOffsets !== undefined && known.length > 0) return known;
  return source.topic?.partitions ?? [];
}

function whyNoRoom(
  { job, room, capacity }: Observed,
  n: number,
): { code: 'SINK_UNREACHABLE' | 'NO_CAPACITY'; message: string } | undefined {
  if (n === 0)
    return { code: 'SINK_UNREACHABLE', message: 'no worker of the destination is alive' };
  if (n <= room) return undefined;
  const advice =
    n > capacity
      ? `; it never fits: lower desiredConcurrency (${job.spec.desiredConcurrency}) or raise the capacity`
      : '';
  return {
    code: 'NO_CAPACITY',
    message: `needs ${n} tasks, ${Math.max(0, room)} of the installation's ${capacity} are free${advice}`,
  };
}

/** Ends of a bounded job: fixed at its first division of a topic. */
function boundsOf(
  observed: Observed,
  source: SourceView,
  partitions: readonly number[],
): OffsetMap | undefined {
  const spec: OffsetsSpec | undefined = observed.job.spec.source.kafka.endOffsets;
  if (spec === undefined) return undefined;
  const lanes = lanesOf(observed, source.topic);
  const known = new Map(lanes.flatMap((lane) => [...(lane.until ?? [])]));
  const until = new Map<number, bigint>();
  for (const partition of partitions) {
    const end = known.get(partition) ?? resolveOffset(spec, partition, source);
    // A list of ends that does not name a partition asks nothing of it.
    until.set(partition, end ?? source.earliest.get(partition) ?? 0n);
  }
  return until;
}

function pick<T>(
  all: ReadonlyMap<number, T>,
  partitions: readonly number[],
): ReadonlyMap<number, T> {
  const picked = new Map<number, T>();
  for (const partition of partitions) {
    const one = all.get(partition);
    if (one !== undefined) picked.set(partition, one);
  }
  return picked;
}

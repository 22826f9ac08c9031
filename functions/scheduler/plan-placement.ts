import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { LoadStart } from '#shared/domain/lane.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { type LogView, resolveOffset } from '#shared/domain/start-offsets.ts';
import type { Jump, Observed, SourceView } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/** Where each partition goes on, whether that lies in the log, and what the job's policy makes of it where it does not. */

/** The partitions of a division, and where those stand that the job has loaded from. */
export interface PlacementQuestion {
  readonly partitions: readonly number[];
  readonly known: OffsetMap;
}

/** Next offsets; where loading began, for the partitions that go on unbroken; and the jumps of the others. */
export interface Placement {
  readonly next: OffsetMap;
  /** Of the partitions that go on from where they stood, unless the user sent them there. */
  readonly epochs: LeaderEpochs;
  readonly kept: ReadonlyMap<number, LoadStart>;
  readonly jumps: readonly Jump[];
}

/** Places all partitions, or tells the first failure. */
export function placeAll(
  observed: Observed,
  source: SourceView,
  question: PlacementQuestion,
): Placement | LoadFailure {
  const { job } = observed;
  const lanes = currentLanes(observed);
  const starts = new Map(lanes.flatMap((lane) => [...lane.start]));
  const knownEpochs = new Map(lanes.flatMap((lane) => [...(lane.epochs ?? [])]));
  const next = new Map<number, bigint>();
  const epochs = new Map<number, number>();
  const kept = new Map<number, LoadStart>();
  const jumps: Jump[] = [];
  for (const partition of question.partitions) {
    const known = question.known.get(partition);
    const wanted = wantedOffset(job, source, { partition, known });
    const placed = placeInLog(job, source, { partition, wanted });
    if (placed instanceof LoadFailure) return placed;
    next.set(partition, placed.offset);
    const epoch = knownEpochs.get(partition);
    const isSought = soughtOffset(job, source, partition) !== undefined;
    if (epoch !== undefined && known === placed.offset && !isSought) epochs.set(partition, epoch);
    const start = starts.get(partition);
    const from = known ?? wanted ?? placed.offset;
    if (from !== placed.offset) {
      const by = placed.offset === wanted ? 'seek' : 'policy';
      jumps.push({ partition, from: String(from), to: String(placed.offset), by });
    } else if (known !== undefined && start !== undefined) {
      kept.set(partition, start);
    }
  }
  return { next, epochs, kept, jumps };
}

/**
 * Where a partition goes on: where the user sends it, else where it stands, else where the job starts. One
 * that appeared later starts at its beginning, whatever the default is: its first records are new data.
 */
function wantedOffset(
  job: Job,
  source: SourceView,
  { partition, known }: { readonly partition: number; readonly known: bigint | undefined },
): bigint | undefined {
  const { startOffsets, partitions } = job.spec.source.kafka;
  const earliest = source.earliest.get(partition);
  const sought = soughtOffset(job, source, partition);
  if (sought !== undefined) return sought;
  if (known !== undefined) return known;
  const isLater = job.generation > 0 && partitions === undefined;
  return isLater ? earliest : (resolveOffset(startOffsets, partition, source) ?? earliest);
}

/** Where the user sends a partition, whether or not it stands there. */
function soughtOffset(job: Job, source: SourceView, partition: number): bigint | undefined {
  return job.seek === undefined ? undefined : resolveOffset(job.seek, partition, source);
}

/** What is wrong with an offset, or `undefined` when it lies in the log. */
export function outOfRange(
  partition: number,
  offset: bigint,
  log: LogView,
): LoadFailure | undefined {
  const earliest = log.earliest.get(partition);
  const latest = log.latest.get(partition);
  if (earliest !== undefined && offset < earliest) {
    return new LoadFailure(
      'OFFSET_OUT_OF_RANGE',
      `partition ${partition}: offset ${offset} is wanted, but the log begins at ${earliest}; ${earliest - offset} offsets are gone`,
      { facts: { partition, offset: String(offset), earliest: String(earliest) } },
    );
  }
  if (latest !== undefined && offset > latest) {
    return new LoadFailure(
      'OFFSET_OUT_OF_RANGE',
      `partition ${partition}: offset ${offset} is wanted, but the log ends at ${latest}`,
      { facts: { partition, offset: String(offset), latest: String(latest) } },
    );
  }
  return undefined;
}

/**
 * The offset to go on from: the wanted one when the log has it, else what `policies.offsetOutOfRange` says.
 * The failure when the policy is to pause, or when the log's ends are not known.
 */
function placeInLog(
  job: Job,
  log: LogView,
  { partition, wanted }: { readonly partition: number; readonly wanted: bigint | undefined },
): { offset: bigint } | LoadFailure {
  if (wanted === undefined) {
    return new LoadFailure(
      'KAFKA_ERROR',
      `the cluster did not tell the offsets of partition ${partition}`,
    );
  }
  const fault = outOfRange(partition, wanted, log);
  if (fault === undefined) return { offset: wanted };
  const policy = job.spec.policies.offsetOutOfRange;
  const offset = policy === 'pause' ? undefined : log[policy].get(partition);
  return offset === undefined ? fault : { offset };
}

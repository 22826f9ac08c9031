import { laneCount } from '#shared/domain/division.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Lane } from '#shared/domain/lane.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { isRecreated, topicRecreated } from '#shared/domain/recreated-topic.ts';
import { batchWithin, isComplete, openLag, planSlice } from '#shared/domain/slice-plan.ts';
import type { Action, Observed, PlanSettings, SourceView } from './observed.ts';
import { outOfRange } from './plan-placement.ts';
import { changeNote, pauseFor } from './plan-reason.ts';
import { currentLanes, partitionLanes } from './plan-tasks.ts';

/** What a running job needs: a check of its topic, and a slice for every idle lane with lag. */
export function planRunning(
  observed: Observed,
  source: SourceView,
  { settings, now }: { readonly settings: PlanSettings; readonly now: number },
): Action[] {
  const change = topicChange(observed, source) ?? rangeChange(observed, source);
  if (change) return [change];
  if (isLoaded(observed)) {
    return [
      {
        kind: 'change-state',
        to: 'COMPLETED',
        code: 'ALL_LOADED',
        message: 'everything up to the end offsets is loaded',
      },
    ];
  }
  return planSlices(observed, source, { settings, now });
}

/** A bounded job has loaded all, and nobody waits for dead letters of it. */
function isLoaded(observed: Observed): boolean {
  if (observed.job.redrive !== undefined) return false;
  const isIdle = currentLanes(observed).every(({ taskId }) => taskId === undefined);
  return isIdle && partitionLanes(observed).every(isComplete);
}

function topicChange(
  { job, lanes, aliveWorkers }: Observed,
  source: SourceView,
): Action | undefined {
  const { topic: name, partitions: fixed, endOffsets } = job.spec.source.kafka;
  const { topic } = source;
  if (topic === undefined)
    return pauseFor(new LoadFailure('TOPIC_NOT_FOUND', `topic ${name} does not exist`));
  if (isRecreated(job, topic)) return pauseFor(topicRecreated(name));
  const current = partitionLanes({ job, lanes });
  const known = new Set(current.flatMap((lane) => [...lane.next.keys()]));
  const added =
    fixed || endOffsets ? [] : topic.partitions.filter((partition) => !known.has(partition));
  if (added.length > 0) {
    return {
      kind: 'change-state',
      to: 'NEED_SCHEDULE',
      code: 'PARTITIONS_CHANGED',
      message: `topic ${name} has new partitions: ${added.slice(0, 20).join(', ')}`,
      detail: { added },
    };
  }
  const n = laneCount({
    partitions: known.size,
    desiredConcurrency: job.spec.desiredConcurrency,
    aliveWorkers,
  });
  if (n === 0 || n === current.length) return undefined;
  return {
    kind: 'change-state',
    to: 'NEED_SCHEDULE',
    code: 'CONCURRENCY_CHANGED',
    message: `${n} lanes are possible now, the job has ${current.length}`,
  };
}

/** Next offsets that retention or a truncated log has left behind; those of a live task are its loader's to find. */
function rangeChange(observed: Observed, source: SourceView): Action | undefined {
  for (const lane of currentLanes(observed)) {
    if (lane.taskId !== undefined) continue;
    for (const [partition, offset] of lane.next) {
      if (isFinished(lane, partition, offset)) continue;
      const fault = outOfRange(partition, offset, source);
      if (!fault) continue;
      if (observed.job.spec.policies.offsetOutOfRange === 'pause') return pauseFor(fault);
      return {
        kind: 'change-state',
        to: 'NEED_SCHEDULE',
        code: fault.code,
        message: fault.message,
        detail: fault.facts,
      };
    }
  }
  return undefined;
}

function isFinished(lane: Lane, partition: number, offset: bigint): boolean {
  const until = lane.until?.get(partition);
  return until !== undefined && offset >= until;
}

function planSlices(
  observed: Observed,
  source: SourceView,
  { settings, now }: { readonly settings: PlanSettings; readonly now: number },
): Action[] {
  const { job, room, capacity } = observed;
  const batch = batchWithin(job.spec.batch, settings);
  const actions: Action[] = [];
  let waiting = 0;
  for (const lane of currentLanes(observed)) {
    if (lane.taskId !== undefined || openLag(lane, source.latest).size === 0) continue;
    const slice = planSlice({ lane, ends: source.latest, batch, now });
    if (slice === undefined) continue;
    if (actions.length >= room) waiting += 1;
    else actions.push({ kind: 'plan-slice', lane, slice, ends: endsOf(lane, source) });
  }
  if (waiting === 0) return actions;
  const message = `${waiting} lanes wait: all ${capacity} tasks of the installation are live`;
  return [...actions, ...changeNote(job, { code: 'NO_CAPACITY', message, at: now })];
}

function endsOf(lane: Lane, { latest }: SourceView): OffsetMap {
  const ends = new Map<number, bigint>();
  for (const partition of lane.next.keys()) {
    const end = latest.get(partition);
    if (end !== undefined) ends.set(partition, end);
  }
  return ends;
}

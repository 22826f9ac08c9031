import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { total } from '#shared/domain/offsets.ts';
import { openLag } from '#shared/domain/slice-plan.ts';
import { judgeStall } from '#shared/domain/stall.ts';
import type { Action, Observed } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/** How a job stands in the eyes of one cycle. */
export interface JobFigures {
  /** Records in the log and not in the table; absent when the log was not looked at. */
  readonly lagRecords?: number;
  /** Seconds for which the lane that is furthest behind has had lag and committed nothing. */
  readonly lagSeconds?: number;
  /** Records that retention has still to delete before it reaches one that is not loaded. */
  readonly retentionHeadroomRecords?: number;
  /** Age of the oldest record that is not loaded, in seconds; absent in most cycles. */
  readonly unloadedAgeSeconds?: number;
  /** Hours until that record is as old as its topic lets records become, or its log outgrows a record that is not loaded. */
  readonly hoursUntilLoss?: number;
  readonly isStalled: boolean;
  readonly isInDoubt: boolean;
  /** Whether lanes got no task since there was no room. */
  readonly isSkipped: boolean;
  /** Whether a problem has paused it until a person acts. */
  readonly isHeld: boolean;
  /** Whether it pauses for a problem again and again, and comes back by itself. */
  readonly isRetrying: boolean;
}

/** Figures from what a cycle saw and what it planned. Counts are rounded to numbers: they are for graphs. */
export function jobFigures(
  observed: Observed,
  actions: readonly Action[],
  { cycleMs, now }: { readonly cycleMs: number; readonly now: number },
): JobFigures {
  const { job, tasks } = observed;
  const lanes = currentLanes(observed);
  const noted = actions.findLast((action) => action.kind === 'note');
  const note = noted ? noted.note : job.note;
  const stall = judgeStall({ job, lanes, tasks: [...tasks.values()], now, cycleMs });
  return {
    ...lagFigures(observed, now),
    ...ageFigures(observed),
    isStalled: stall !== undefined,
    isInDoubt: [...tasks.values()].some(({ status }) => status === 'IN_DOUBT'),
    isSkipped: note?.code === 'NO_CAPACITY',
    ...pauseFigures(job),
  };
}

/** A first pause for a problem that passes is nothing: it resumes at once. */
function pauseFigures({ state, reason, resume }: Job): Pick<JobFigures, 'isHeld' | 'isRetrying'> {
  const isPaused = state === 'PAUSED';
  return {
    isHeld: isPaused && resume === undefined && reason.code !== 'PAUSED_BY_USER',
    isRetrying: isPaused && resume !== undefined && resume.attempts > 1,
  };
}

function ageFigures({
  source,
}: Observed): Pick<JobFigures, 'unloadedAgeSeconds' | 'hoursUntilLoss'> {
  if (source === undefined || source instanceof LoadFailure || !source.age) return {};
  const { ageMs, retentionMs, msUntilFull } = source.age;
  const untilOld = retentionMs === undefined ? undefined : Math.max(0, retentionMs - ageMs);
  const lossMs = [untilOld, msUntilFull].filter((ms) => ms !== undefined);
  return {
    unloadedAgeSeconds: ageMs / 1_000,
    ...(lossMs.length > 0 && { hoursUntilLoss: Math.min(...lossMs) / 3_600_000 }),
  };
}

function lagFigures(
  observed: Observed,
  now: number,
): Pick<JobFigures, 'lagRecords' | 'lagSeconds' | 'retentionHeadroomRecords'> {
  const { source, job } = observed;
  if (source === undefined || source instanceof LoadFailure) return {};
  let lag = 0n;
  let waitedMs = 0;
  let headroom: bigint | undefined;
  for (const lane of currentLanes(observed)) {
    const open = openLag(lane, source.latest);
    if (open.size === 0) continue;
    lag += total(open);
    const since = Math.max(job.reason.at, lane.committedAt ?? 0, lane.plannedAt ?? 0);
    waitedMs = Math.max(waitedMs, now - since);
    for (const partition of open.keys()) {
      const room = (lane.next.get(partition) ?? 0n) - (source.earliest.get(partition) ?? 0n);
      if (headroom === undefined || room < headroom) headroom = room;
    }
  }
  return {
    lagRecords: Number(lag),
    lagSeconds: Math.max(0, waitedMs) / 1_000,
    ...(headroom !== undefined && { retentionHeadroomRecords: Math.max(0, Number(headroom)) }),
  };
}

import type { Lane } from '#shared/domain/lane.ts';
import {
  isRedriveLane,
  newRedriveLane,
  nextToRedrive,
  sliceOfLetters,
} from '#shared/domain/redrive.ts';
import { batchWithin } from '#shared/domain/slice-plan.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/**
 * What a running or completed job whose dead letters are wanted again needs: its redrive lane, and there a task at a time
 * until none of them is left.
 */
export function planRedrive(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const { job, deadLetters } = observed;
  if (job.redrive === undefined || deadLetters === undefined) return [];
  const known = currentLanes(observed).find(isRedriveLane);
  if (known?.taskId !== undefined) return [];
  if (deadLetters.length === 0) return [{ kind: 'end-redrive' }];
  if (observed.room <= 0) return [];
  const lane: Lane = known ?? newRedriveLane(job, now);
  const letters = nextToRedrive(deadLetters, batchWithin(job.spec.batch, settings));
  const redrive = {
    request: job.redrive.id,
    letters: letters.map(({ taskId, location }) => ({ taskId, ...(location && { location }) })),
  };
  const slice = sliceOfLetters(letters);
  const plan: Action = { kind: 'plan-slice', lane, slice, redrive, ends: lane.ends };
  return known ? [plan] : [{ kind: 'open-lane', lane }, plan];
}

import { judgeStall } from '#shared/domain/stall.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/**
 * A stall begins and ends without a change of state, so the job itself remembers that it was told of: each
 * beginning and each end becomes one entry of the history, and with it one event. None is written in between.
 */
export function planStall(
  observed: Observed,
  { settings, now }: { readonly settings: PlanSettings; readonly now: number },
): Action[] {
  const { job, tasks } = observed;
  const stall = judgeStall({
    job,
    lanes: currentLanes(observed),
    tasks: [...tasks.values()],
    now,
    cycleMs: settings.cycleMs,
  });
  const isTold = job.stalledSince !== undefined;
  return isTold === (stall !== undefined) ? [] : [{ kind: 'tell-stall', stall }];
}

import { LoadFailure } from '#shared/domain/failure.ts';
import { isFinal } from '#shared/domain/job-state.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';
import { planDivision } from './plan-division.ts';
import { changeNote, planSourceFailure } from './plan-reason.ts';
import { planRedrive } from './plan-redrive.ts';
import { planRunning } from './plan-running.ts';
import { planStall } from './plan-stall.ts';
import {
  currentLanes,
  pauseForDoubt,
  planTaskCare,
  sweepLanes,
  taskInDoubt,
} from './plan-tasks.ts';

/**
 * What a cycle does about one job, decided from what it sees alone. Level-triggered: nothing depends on
 * what an earlier cycle did or meant to do.
 */
export function plan(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const { job } = observed;
  const care = planTaskCare(observed, settings, now);
  if (isFinal(job.state)) {
    return [...care, ...sweepLanes(observed), ...planFinal(observed, settings, now)];
  }
  switch (job.state) {
    case 'PAUSED':
      return [...care, ...planPaused(observed, now)];
    case 'NEED_SCHEDULE':
      return [...care, ...planNeedSchedule(observed, settings, now)];
    default:
      return [...care, ...sweepLanes(observed), ...planRunningJob(observed, settings, now)];
  }
}

/** The states in which planning asks something of Kafka. */
export function asksKafka(observed: Pick<Observed, 'job' | 'lanes' | 'tasks'>): boolean {
  if (observed.job.state === 'RUNNING') return true;
  return observed.job.state === 'NEED_SCHEDULE' && !hasLiveTask(observed);
}

/** A final job rests, but for the dead letters of a completed one that are wanted again. */
function planFinal(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const { job } = observed;
  if (job.redrive === undefined || !loadsDeadLetters(job)) return planRest(observed);
  const doubt = taskInDoubt(observed);
  if (doubt === undefined) return planRedrive(observed, settings, now);
  const { task, ...failure } = doubt;
  return [{ kind: 'end-redrive', taskId: task.id, failure }];
}

function hasLiveTask(observed: Pick<Observed, 'job' | 'lanes'>): boolean {
  return currentLanes(observed).some((lane) => lane.taskId !== undefined);
}

/** A paused or final job rests once its last task is done; one in doubt waits for a person, not for cycles. */
function planRest(observed: Observed): Action[] {
  const busy = currentLanes(observed).some(
    ({ taskId }) => taskId !== undefined && observed.tasks.get(taskId)?.status !== 'IN_DOUBT',
  );
  if (busy) return [];
  return [
    { kind: 'rest', dueAt: isFinal(observed.job.state) ? undefined : observed.job.resume?.nextAt },
  ];
}

function planPaused(observed: Observed, now: number): Action[] {
  const { resume, reason } = observed.job;
  if (resume === undefined || now < resume.nextAt) return planRest(observed);
  return [
    {
      kind: 'change-state',
      to: 'NEED_SCHEDULE',
      code: 'RESUMED_BY_ITSELF',
      message: `tries again (attempt ${resume.attempts}) after ${reason.code}: ${reason.message}`,
    },
  ];
}

function planNeedSchedule(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const doubt = pauseForDoubt(observed);
  if (doubt) return [doubt];
  if (hasLiveTask(observed) || observed.source === undefined) return [];
  if (observed.source instanceof LoadFailure) {
    return planSourceFailure(observed, observed.source, { settings, now });
  }
  return planDivision(observed, observed.source, now);
}

function planRunningJob(observed: Observed, settings: PlanSettings, now: number): Action[] {
  const { source } = observed;
  const doubt = pauseForDoubt(observed);
  if (doubt) return [doubt];
  if (source === undefined) return [];
  if (source instanceof LoadFailure) return planSourceFailure(observed, source, { settings, now });
  const redrive = planRedrive(observed, settings, now);
  const room = observed.room - redrive.filter(({ kind }) => kind === 'plan-slice').length;
  const running = planRunning({ ...observed, room }, source, { settings, now });
  const actions = [...redrive, ...running];
  if (actions.some(({ kind }) => kind === 'change-state')) return actions;
  const told = actions.find((action) => action.kind === 'note');
  return [
    ...actions.filter((action) => action !== told),
    ...planStall(observed, { settings, now }),
    ...changeNote(observed.job, told?.note),
  ];
}

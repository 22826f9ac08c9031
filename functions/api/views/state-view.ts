import * as z from 'zod';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import { inFlight, type JobSnapshot } from '../job-snapshot.ts';
import { count, reasonView, viewReason } from './parts.ts';

/** What pause, resume and stop answer. Tasks in flight finish whatever the new state is. */
export const stateView = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(JOB_STATES),
  reason: reasonView,
  tasksInFlight: count,
});

/** A job's state. */
export function viewState(snapshot: JobSnapshot): z.input<typeof stateView> {
  const { id, spec, state, reason } = snapshot.job;
  return {
    id,
    name: spec.name,
    state,
    reason: viewReason(reason),
    tasksInFlight: inFlight(snapshot).length,
  };
}

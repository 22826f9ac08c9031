import * as z from 'zod';
import type { JobSnapshot } from '../job-snapshot.ts';
import { time, viewTime } from './parts.ts';
import { stateView, viewState } from './state-view.ts';

/** Dead letters that are wanted again: those of tasks up to `upTo`. */
export const standingRedrive = z.strictObject({ requestedAt: time, upTo: z.string() });

/** What a redrive answers. Without `redrive` all of them have been loaded already. */
export const redriveView = stateView.extend({ redrive: standingRedrive.optional() });

/** A job's state, and the request for its dead letters that stands. */
export function viewRedrive(snapshot: JobSnapshot): z.input<typeof redriveView> {
  return { ...viewState(snapshot), redrive: viewStandingRedrive(snapshot) };
}

/** The request that stands, if one does. */
export function viewStandingRedrive({
  job: { redrive },
}: Pick<JobSnapshot, 'job'>): z.input<typeof standingRedrive> | undefined {
  return redrive && { requestedAt: viewTime(redrive.at), upTo: redrive.upTo };
}

import type { Clock } from '#shared/clock.ts';
import type { ApiClient, ShownJob } from './api-client.ts';

/** Somebody who looks at the jobs all the time, and resumes what trouble has paused. */

const LOOK_EVERY_MS = 500;

/** Jobs as they were seen last, by name. */
export type SeenJobs = ReadonlyMap<string, ShownJob>;

/** What attending needs. */
export interface AttendanceDeps {
  readonly client: ApiClient;
  /** While the broker is down nobody would. */
  readonly mayResume: () => boolean;
  readonly jobs: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Looks at the jobs until `isOver` says so. A job that paused for a passing trouble would come back by itself, but
 * later each time, and chaos is all trouble: so it is resumed at once. One that a user has paused is left to him.
 *
 * @throws what the API did, or the signal's reason
 */
export async function attend(
  { client, mayResume, jobs, clock, signal }: AttendanceDeps,
  isOver: (seen: SeenJobs) => boolean,
): Promise<SeenJobs> {
  const seen = new Map<string, ShownJob>();
  for (;;) {
    for (const job of jobs) {
      const shown = await client.show(job);
      seen.set(job, shown);
      const isTrouble = shown.state === 'PAUSED' && shown.reason.code !== 'PAUSED_BY_USER';
      if (isTrouble && shown.tasksInDoubt === 0 && mayResume()) await client.change(job, 'resume');
    }
    if (isOver(seen)) return seen;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

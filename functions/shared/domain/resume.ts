/** How a job that paused for a reason that can pass comes back (Doris' auto-resume, made durable). */

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** After this long without a pause the next problem is a first one again. */
const FORGIVEN_AFTER_MS = 600_000;

/** How often in a row a job has resumed by itself. Times are epoch ms. */
export interface ResumeRecord {
  readonly attempts: number;
  readonly nextAt: number;
}

/**
 * When a job that pauses now resumes: at once the first time, then after 10 s doubling to 300 s.
 * `previous` is what the last pause of this kind left behind.
 */
export function nextResume(previous: ResumeRecord | undefined, now: number): ResumeRecord {
  const forgiven = previous === undefined || now - previous.nextAt > FORGIVEN_AFTER_MS;
  const attempts = forgiven ? 0 : previous.attempts;
  const backoffMs =
    attempts === 0 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS);
  return { attempts: attempts + 1, nextAt: now + backoffMs };
}

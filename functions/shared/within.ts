import type { Clock } from './clock.ts';

/**
 * Waits for work, but not for ever. The work itself goes on: whoever gave it up sees to it that it does no harm.
 *
 * @param late makes the error that is raised when `ms` have passed
 */
export async function within<T>(
  work: Promise<T>,
  ms: number,
  { clock, late }: { readonly clock: Pick<Clock, 'sleep'>; readonly late: () => Error },
): Promise<T> {
  const settled = new AbortController();
  const patience = clock.sleep(ms, settled.signal).then((): never => {
    throw late();
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    settled.abort();
  }
}

import type { Clock } from '#shared/clock.ts';

/** Often enough for the shortest sensible lease. */
const SIGN_MS = 1_000;

/**
 * Waits for a destination that may need minutes, and gives signs of life meanwhile. The wait itself is bounded
 * by the request's own timeout.
 */
export async function waiting<T>(
  work: Promise<T>,
  { clock, onProgress }: { readonly clock: Clock; readonly onProgress?: (() => void) | undefined },
): Promise<T> {
  const done = new AbortController();
  const signs = async () => {
    while (!done.signal.aborted) {
      onProgress?.();
      await clock.sleep(SIGN_MS, done.signal).catch(() => {});
    }
  };
  const giving = signs();
  try {
    return await work;
  } finally {
    done.abort();
    await giving;
  }
}

import type { Clock } from '../clock.ts';

const MB_PER_GB = 1_024;

/** The part of an invocation's paid time that one piece of work has used. */
export interface TimeShare {
  /** GB-seconds since the last time. */
  take(): number;
}

/** Divides the time of an invocation among what runs in it. */
export interface LambdaTime {
  /** Runs `work`; while several run, each is charged its equal part of the time. */
  during<T>(work: (share: TimeShare) => Promise<T>): Promise<T>;
}

/**
 * Charges memory times time, as Lambda does: an invocation costs the same whether one task runs in it or four.
 * Lambda bills a little more than the shares: its start, and what comes before the first piece of work and after
 * the last.
 *
 * @param memoryMb what the function has; without it, everything costs nothing
 */
export function divideTime(clock: Pick<Clock, 'now'>, memoryMb = 0): LambdaTime {
  const charges = new Map<object, number>();
  let last = clock.now();
  const settle = () => {
    const now = clock.now();
    const each = Math.max(0, now - last) / 1_000 / Math.max(1, charges.size);
    for (const [work, seconds] of charges) charges.set(work, seconds + each);
    last = now;
  };
  return {
    async during(work) {
      settle();
      const me = {};
      charges.set(me, 0);
      try {
        return await work({
          take() {
            settle();
            const seconds = charges.get(me) ?? 0;
            charges.set(me, 0);
            return (seconds * memoryMb) / MB_PER_GB;
          },
        });
      } finally {
        settle();
        charges.delete(me);
      }
    },
  };
}

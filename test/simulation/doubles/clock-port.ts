import type { Clock } from '#shared/clock.ts';
import type { Process } from '../engine/process.ts';
import type { Step, Steps } from '../engine/steps.ts';

/** Virtual time as one process' clock shows it. Asking it is no step; sleeping is. */
export function makeClockPort(process: Process, steps: Steps): Clock {
  return {
    now: () => steps.now + process.skewMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (!process.alive) return;
        if (signal?.aborted) return reject(signal.reason);
        const giveUp = () => {
          steps.remove(step);
          reject(signal?.reason);
        };
        const step: Step = {
          at: steps.now + ms,
          process,
          run: () => {
            signal?.removeEventListener('abort', giveUp);
            resolve();
          },
        };
        signal?.addEventListener('abort', giveUp);
        steps.add(step);
      }),
  };
}

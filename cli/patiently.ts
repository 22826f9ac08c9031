import type { CommandContext } from './command.ts';
import { Unreachable } from './exit-code.ts';
import { Refused } from './problem-text.ts';

/** Longer than a function's cold start or the restart of an installation on one machine. */
const PATIENCE_MS = 60_000;
const AGAIN_AFTER_MS = 1_000;

/**
 * Asks again for a minute while the installation is away or in trouble, once it has answered at all: what takes long
 * to end must not be given up for one lost answer. Not for requests that must not be repeated.
 *
 * @throws what `ask` throws, when the minute is over or it is a refusal
 */
export function patiently<T>(
  { clock, signal }: Pick<CommandContext, 'clock' | 'signal'>,
  ask: () => Promise<T>,
  onTrouble: (error: Error) => void = () => undefined,
): () => Promise<T> {
  let answeredAt: number | undefined;
  return async () => {
    for (;;) {
      try {
        const answer = await ask();
        answeredAt = clock.now();
        return answer;
      } catch (error) {
        const isOver = answeredAt === undefined || clock.now() - answeredAt > PATIENCE_MS;
        if (isOver || !passes(error)) throw error;
        onTrouble(error);
        await clock.sleep(AGAIN_AFTER_MS, signal);
      }
    }
  };
}

function passes(error: unknown): error is Error {
  if (error instanceof Refused) return error.status === 429 || error.status >= 500;
  return error instanceof Unreachable;
}

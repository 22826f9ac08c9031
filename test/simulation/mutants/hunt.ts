import { runMany } from '../many.ts';
import type { Violation } from '../world.ts';
import type { Mutant } from './mutant.ts';

/** What became of a mutant. */
export interface Hunt {
  readonly guard: string;
  /** The first seed that shows a violation, after how many schedules; absent when none did. */
  readonly killed?: {
    readonly seed: number;
    readonly after: number;
    readonly violation: Violation;
  };
}

/** Runs seeds without the guard until one shows. */
export async function hunt(
  { guard, sabotage, sink }: Mutant,
  { from, seeds }: { readonly from: number; readonly seeds: number },
): Promise<Hunt> {
  let killed: Hunt['killed'];
  let after = 0;
  await runMany({
    from,
    seeds,
    sabotage,
    sink,
    onReport: ({ seed, violation }) => {
      after += 1;
      if (violation && killed === undefined) killed = { seed, after, violation };
      return killed === undefined;
    },
  });
  return killed ? { guard, killed } : { guard };
}

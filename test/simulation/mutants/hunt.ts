import { runEach } from '../many.ts';
import type { Size } from '../scenario/scenario.ts';
import type { Violation, WorldOptions } from '../world.ts';
import type { Mutant } from './mutant.ts';

/** What became of a mutant. */
export interface Hunt {
  readonly guard: string;
  /** The first world that shows a violation, after how many schedules; absent when none did. */
  readonly killed?: {
    readonly seed: number;
    readonly size: Size;
    readonly after: number;
    readonly violation: Violation;
  };
}

/** Runs seeds without the guard until one shows. Each seed is tried twice: as it is, and as the number of a whole world. */
export async function hunt(
  mutant: Mutant,
  range: { readonly from: number; readonly seeds: number },
): Promise<Hunt> {
  let killed: Hunt['killed'];
  let after = 0;
  await runEach(worldsWithout(mutant, range), ({ seed, size, violation }) => {
    after += 1;
    if (violation && killed === undefined) killed = { seed, size, after, violation };
    return killed === undefined;
  });
  return killed ? { guard: mutant.guard, killed } : { guard: mutant.guard };
}

/** Worlds with a sink of the product's own are whole ones anyway. */
function* worldsWithout(
  { sabotage, sink }: Mutant,
  { from, seeds }: { readonly from: number; readonly seeds: number },
): Generator<WorldOptions, void> {
  for (let seed = from; seed < from + seeds; seed += 1) {
    if (sink === undefined) yield { seed, sabotage: sabotage() };
    yield { seed, sink, whole: true, sabotage: sabotage() };
  }
}

import { quiescent } from '../engine/quiescent.ts';
import type { World } from '../world.ts';

/** Runs a world in which nothing goes wrong any more, until nothing is left to do by a virtual time. */
export async function runUndisturbed(world: World, until: number): Promise<void> {
  // What is begun in this very turn gets to its first call before it is asked for.
  await quiescent();
  for (let step = world.steps.next(until); step; step = world.steps.next(until)) {
    step.run();
    await quiescent();
    if (world.violation) return;
  }
}

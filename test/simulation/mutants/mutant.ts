import type { Sabotage } from '../world.ts';

/** A guard of the protocol, and how to do without it. */
export interface Mutant {
  readonly guard: string;
  /** A new sabotage for each world, since some remember what they saw. */
  readonly sabotage: () => Sabotage;
}

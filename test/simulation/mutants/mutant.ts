import type { RealSink } from '../doubles/sinks/simulated-sink.ts';
import type { Sabotage } from '../world.ts';

/** A guard of the protocol, and how to do without it. */
export interface Mutant {
  readonly guard: string;
  /** A guard of one of the product's sinks: only worlds with that one can miss it. */
  readonly sink?: RealSink;
  /** A new sabotage for each world, since some remember what they saw. */
  readonly sabotage: () => Sabotage;
}

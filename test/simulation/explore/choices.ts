import type { SmallWorld } from './small-world.ts';
import type { Waiting } from './step-calls.ts';

/** How much may go wrong in one schedule. */
export interface Bound {
  /** Loaders that are alive at once, and invocations in all. */
  readonly loadersAtOnce: number;
  readonly invocations: number;
  readonly crashes: number;
  /** Writes whose answer is lost, applied or not. */
  readonly ambiguous: number;
  /** Cycles, each of which takes the task from its loader: one that is alive is a zombie from then on. */
  readonly cycles: number;
}

/** What a choice uses up. */
type Spent = 'crashes' | 'ambiguous' | 'cycles';

/** One thing that can happen next. */
export interface Choice {
  readonly name: () => string;
  readonly spends?: Spent;
  readonly take: () => void | Promise<void>;
}

/** Everything that can happen next in a world, within what is left of the bound. */
export function choicesOf(world: SmallWorld, left: Bound): Choice[] {
  const choices = firstOfEach(world.calls.waiting).flatMap((waiting) => stepsOf(waiting, left));
  const alive = world.alive();
  if (alive.length < left.loadersAtOnce && world.invocations < left.invocations) {
    for (const taskId of world.pending) {
      const name = () => `a loader is invoked for ${taskId}`;
      choices.push({ name, take: () => world.invoke(taskId) });
    }
  }
  if (left.crashes > 0) {
    for (const process of alive) {
      // A crash after a read is the same as one before it.
      if (world.calls.lastHadEffect.get(process) === false) continue;
      const name = () => `${process.name} crashes`;
      choices.push({ name, spends: 'crashes', take: () => world.calls.crash(process) });
    }
  }
  if (left.cycles > 0) {
    choices.push({ name: () => 'a cycle runs', spends: 'cycles', take: () => world.cycle() });
  }
  return choices;
}

/** A process' calls take effect in the order in which it made them. */
function firstOfEach(all: readonly Waiting[]): Waiting[] {
  return all.filter(({ process }, i) => all.findIndex((other) => other.process === process) === i);
}

function stepsOf(waiting: Waiting, left: Bound): Choice[] {
  const name = () => `${waiting.process.name} ${waiting.describe()}`;
  const step: Choice = { name, take: () => waiting.run() };
  if (!waiting.isWrite || left.ambiguous === 0) return [step];
  const lost = (['applied', 'unapplied'] as const).map(
    (how): Choice => ({
      name: () => `${name()} (answer lost, ${how})`,
      spends: 'ambiguous',
      take: () => waiting.run(how),
    }),
  );
  return [step, ...lost];
}

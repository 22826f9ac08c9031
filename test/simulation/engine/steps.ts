import type { Process } from './process.ts';

/** Something that can happen: a port call taking effect, a sleeper waking, a delivery, a cycle that is due. */
export interface Step {
  /** Virtual ms from which it can happen. */
  readonly at: number;
  /** Whose it is; nature's when absent. */
  readonly process: Process | undefined;
  /** Whether it changes anything outside of its process. */
  readonly hasEffect?: boolean;
  readonly run: () => void;
}

/** When virtual time begins: clocks that are minutes behind must still show a positive time. */
const BEGINNING_MS = 10_000_000;

/**
 * All that can happen next, in virtual time. Time moves only when nothing can happen now, so that any order
 * of what is ready is a possible one; `choose` decides which it is.
 */
export class Steps {
  now = BEGINNING_MS;
  readonly #choose: (n: number) => number;
  #steps: Step[] = [];

  /** @param choose a whole number in [0, n) */
  constructor(choose: (n: number) => number) {
    this.#choose = choose;
  }

  get size(): number {
    return this.#steps.length;
  }

  add(step: Step): void {
    this.#steps.push(step);
  }

  remove(step: Step): void {
    const i = this.#steps.indexOf(step);
    if (i >= 0) this.#take(i);
  }

  /** Whether a step of this process is left that changes anything. */
  hasEffectOf(process: Process): boolean {
    return this.#steps.some((step) => step.process === process && step.hasEffect);
  }

  /** Drops what a process would still have done. */
  dropOf(process: Process): void {
    this.#steps = this.#steps.filter((step) => step.process !== process);
  }

  /** Takes the next step out; moves time when nothing is ready; nothing when nothing is left by `until`. */
  next(until: number): Step | undefined {
    for (;;) {
      const { ready, soonest } = this.#look();
      if (ready > 0) return this.#takeReady(ready === 1 ? 0 : this.#choose(ready));
      if (soonest > until) return undefined;
      this.now = soonest;
    }
  }

  #look(): { ready: number; soonest: number } {
    let ready = 0;
    let soonest = Number.POSITIVE_INFINITY;
    for (const step of this.#steps) {
      const at = readyAt(step);
      if (at <= this.now) ready += 1;
      else if (at < soonest) soonest = at;
    }
    return { ready, soonest };
  }

  #takeReady(place: number): Step {
    let left = place;
    for (let i = 0; i < this.#steps.length; i += 1) {
      if (readyAt(this.#steps[i] as Step) > this.now) continue;
      if (left === 0) return this.#take(i);
      left -= 1;
    }
    throw new RangeError(`a ready step must be chosen, got place ${place}`);
  }

  /** Order does not matter, since the next one is chosen anyway: the last takes the place of the taken one. */
  #take(i: number): Step {
    const taken = this.#steps[i] as Step;
    const last = this.#steps.pop() as Step;
    if (i < this.#steps.length) this.#steps[i] = last;
    return taken;
  }
}

function readyAt({ at, process }: Step): number {
  return process && process.pausedUntil > at ? process.pausedUntil : at;
}

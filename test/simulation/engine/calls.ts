import { type CallFault, type CallKind, hasEffect } from './call-faults.ts';
import type { Faults } from './faults.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Step, Steps } from './steps.ts';

/** A port call. `effect` takes effect at once, when it is called, and may be called twice. */
export interface Call<T> {
  readonly kind: CallKind;
  readonly effect: () => Promise<T>;
  /** What the caller gets when the call was surely not applied, and when nobody knows. */
  readonly refused: () => unknown;
  readonly lost: () => unknown;
  /** What an index that lags shows. */
  readonly stale?: (() => T) | undefined;
  /** Whether nobody but the caller can notice when it takes effect. */
  readonly isPrivate?: boolean;
  /** For traces. */
  readonly describe: () => string;
}

/** Decides what becomes of port calls. */
export interface Calls {
  perform<T>(process: Process, call: Call<T>): Promise<T>;
}

/** What tells what happened, and what must not happen at all. */
export interface Witness {
  /** Absent unless somebody reads it: making texts costs more than the simulation. */
  readonly trace?: ((who: string, what: string) => void) | undefined;
  violated(rule: string, detail: string): void;
}

/** A new one each time: one that all shared would hold on to everybody who ever waited for it. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/**
 * Port calls under a seed: every call is a point at which others may go first, and at which its process may
 * die, stand still or get a wrong answer.
 */
export class SeededCalls implements Calls {
  /** How many calls were made. */
  made = 0;
  readonly #steps: Steps;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #witness: Witness;
  #kinds: CallKind[] | undefined;

  constructor(parts: { steps: Steps; faults: Faults; random: Random; witness: Witness }) {
    this.#steps = parts.steps;
    this.#faults = parts.faults;
    this.#random = parts.random;
    this.#witness = parts.witness;
  }

  /** From now on the kinds of all calls are noted, in their order. */
  remember(): readonly CallKind[] {
    this.#kinds = [];
    return this.#kinds;
  }

  perform<T>(process: Process, call: Call<T>): Promise<T> {
    if (!process.alive) return never();
    this.made += 1;
    this.#kinds?.push(call.kind);
    if (process.finished && hasEffect(call.kind)) {
      this.#witness.violated('nothing-goes-on-after-return', `${process.name}: ${call.describe()}`);
    }
    const fate = this.#faults.ofCall(call.kind);
    if (fate === 'now') {
      this.#witness.trace?.(process.name, call.describe());
      return call.effect();
    }
    if (fate === 'queue') return this.#later(process, call, 0);
    this.#witness.trace?.(process.name, `${call.describe()}  <-- ${fate}`);
    return this.#fail(process, call, fate);
  }

  #fail<T>(process: Process, call: Call<T>, fault: CallFault): Promise<T> {
    switch (fault) {
      case 'crash-before':
        return this.kill(process);
      case 'crash-after':
        call.effect().catch(() => {});
        return this.kill(process);
      case 'refused':
        return Promise.reject(call.refused());
      case 'lost-unapplied':
        return Promise.reject(call.lost());
      case 'lost-applied':
        return call.effect().then(() => Promise.reject(call.lost()));
      case 'lost-late':
        this.#land(process, call);
        return Promise.reject(call.lost());
      case 'repeated-by-client':
        return call.effect().then(call.effect);
      case 'stale-index':
        return call.stale ? Promise.resolve(call.stale()) : call.effect();
      case 'slow':
        return this.#later(process, call, this.#random.between(1, 100_000));
      case 'frozen':
        process.pausedUntil = this.#steps.now + this.#random.between(1_000, 240_000);
        return this.#later(process, call, 0);
      case 'clock-jump':
        process.skewMs += this.#random.between(-300_000, 300_000);
        return this.#later(process, call, 0);
    }
  }

  /** Ends a process as SIGKILL does. */
  kill(process: Process): Promise<never> {
    process.alive = false;
    this.#steps.dropOf(process);
    return never();
  }

  #later<T>(process: Process, call: Call<T>, latencyMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const step: Step = {
        at: this.#steps.now + latencyMs,
        process,
        hasEffect: hasEffect(call.kind),
        run: () => {
          this.#witness.trace?.(process.name, call.describe());
          call.effect().then(resolve, reject);
        },
      };
      this.#steps.add(step);
    });
  }

  /** The request is still under way when its sender has given it up, and survives its sender. */
  #land<T>(process: Process, call: Call<T>): void {
    this.#steps.add({
      at: this.#steps.now + this.#random.between(0, 120_000),
      process: undefined,
      run: () => {
        this.#witness.trace?.(process.name, `${call.describe()}  (arrives late)`);
        call.effect().catch(() => {});
      },
    });
  }
}

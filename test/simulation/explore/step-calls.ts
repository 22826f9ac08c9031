import type { Call, Calls } from '../engine/calls.ts';
import type { Process } from '../engine/process.ts';

/** A port call that waits for its turn. */
export interface Waiting {
  readonly process: Process;
  /** Whether it may change anything, and whether its answer can be lost without saying what it did. */
  readonly hasEffect: boolean;
  readonly isWrite: boolean;
  readonly describe: () => string;
  /** Lets it take effect. With `lost`, its caller never hears of it: applied all the same, or not. */
  run(lost?: 'applied' | 'unapplied'): void;
}

/**
 * Port calls as the explorer wants them: each waits until it is chosen, except those that nobody else can
 * notice (reading Kafka, opening and filling a writer under a label of one's own), which would only multiply
 * the orders of the same thing; and except the cycles', which run as one step.
 */
export class StepCalls implements Calls {
  readonly waiting: Waiting[] = [];
  /** What each process was told so far: its whole state, since its code is deterministic. */
  readonly told = new Map<Process, string>();
  /** Whether the last step of a process may have changed anything; a crash after a read is one before it. */
  readonly lastHadEffect = new Map<Process, boolean>();

  perform<T>(process: Process, call: Call<T>): Promise<T> {
    if (!process.alive) return new Promise(() => {});
    if (process.kind !== 'loader' || call.isPrivate) return call.effect();
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        process,
        hasEffect: call.kind === 'write' || call.kind === 'sink',
        isWrite: call.kind === 'write',
        describe: call.describe,
        run: (lost) => {
          this.waiting.splice(this.waiting.indexOf(waiting), 1);
          this.lastHadEffect.set(process, waiting.hasEffect);
          this.#answer(process, call, lost).then(resolve, reject);
        },
      };
      this.waiting.push(waiting);
    });
  }

  /** Ends a process at once. */
  crash(process: Process): void {
    process.alive = false;
    this.told.delete(process);
    for (const waiting of this.waiting.filter((one) => one.process === process)) {
      this.waiting.splice(this.waiting.indexOf(waiting), 1);
    }
  }

  async #answer<T>(process: Process, call: Call<T>, lost?: 'applied' | 'unapplied'): Promise<T> {
    const tell = (answer: string) => {
      this.told.set(process, `${this.told.get(process) ?? ''}|${answer}`);
    };
    if (lost !== undefined) {
      if (lost === 'applied') await call.effect();
      tell('lost');
      throw call.lost();
    }
    const answer = await call.effect();
    tell(JSON.stringify(answer, (_, value) => (value instanceof Set ? [...value] : value)) ?? '-');
    return answer;
  }
}

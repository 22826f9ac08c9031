import type { Clock } from '#shared/clock.ts';

/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** What ends the reading of a slice from outside: its deadline, or its signal. */
export class ReadingStop {
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #onStop: () => void;
  #interrupt: (() => void) | undefined;

  /** `onStop` is called once, when the deadline passes or the signal is aborted. */
  constructor(
    { clock, deadline, signal }: { clock: Clock; deadline: number; signal: AbortSignal },
    onStop: () => void,
  ) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#signal = signal;
    this.#onStop = onStop;
    signal.addEventListener('abort', this.#abort);
    void this.#watch();
  }

  /** Whether to stop now; raises the signal's reason when it was aborted. */
  isDue(): boolean {
    this.#signal.throwIfAborted();
    return this.#clock.now() >= this.#deadline;
  }

  /** Waits for the work. The signal ends the wait with its reason, and then the work's own end is of no interest. */
  unlessAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => reject(this.#signal.reason);
      if (this.#signal.aborted) this.#interrupt();
      work.then(resolve, reject);
    });
  }

  /** Aborted by {@link dispose}, for waits that must not outlive the reading. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#ended.abort();
  }

  readonly #abort = () => {
    this.#interrupt?.();
    this.#onStop();
  };

  async #watch(): Promise<void> {
    try {
      for (let left = this.#left(); left > 0; left = this.#left()) {
        await this.#clock.sleep(Math.min(left, LONGEST_TIMER_MS), this.#ended.signal);
      }
      this.#onStop();
    } catch {
      // The reading ended before its deadline.
    }
  }

  #left(): number {
    return this.#deadline - this.#clock.now();
  }
}

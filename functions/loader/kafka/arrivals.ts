/** One place to wait for whatever happens next, in the order in which it happened. */
export class Arrivals<T> {
  #waiting: T[] = [];
  #wake: (() => void) | undefined;

  post(arrival: T): void {
    this.#waiting.push(arrival);
    this.#wake?.();
  }

  /** One caller at a time. */
  async next(): Promise<T> {
    for (;;) {
      const arrival = this.#waiting.shift();
      if (arrival !== undefined) return arrival;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

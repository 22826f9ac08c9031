/** Faults that are still to come; each comes to pass once, in the order in which it was asked for. */
export class FaultQueue<F extends string> {
  readonly #waiting: F[] = [];

  add(fault: F): void {
    this.#waiting.push(fault);
  }

  /** Whether it comes to pass now; then it is no longer in the queue. */
  strikes(fault: F): boolean {
    const at = this.#waiting.indexOf(fault);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Whether it is still to come. */
  has(fault: F): boolean {
    return this.#waiting.includes(fault);
  }
}

/** How fast schedules are: in all, and for a second of one core. */
export class Rate {
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();

  /** A machine that others use gives less than its second per second: so both are told. */
  of(schedules: number): string {
    const { user, system } = process.cpuUsage(this.#cpu);
    const perSecond = schedules / ((performance.now() - this.#began) / 1_000);
    const perCore = schedules / ((user + system) / 1_000_000);
    return `${perSecond.toFixed(0)}/s in all, ${perCore.toFixed(0)} per second of one core`;
  }
}
